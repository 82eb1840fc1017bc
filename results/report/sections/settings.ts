import { stringify } from 'yaml'
import { z } from 'zod'
import { disclosure, table } from '../../page/controls.js'
import { type Html, html } from '../../page/html.js'
import type { RunData } from '../../store/run-data.js'
import type { Section } from '../section.js'

/** Everything needed to judge the run and to run it again. */
export function settingsSection(run: RunData): Section {
  const { manifest } = run
  const { machine, code } = manifest
  const body = html`<div class="card columns">
<div><h3>Run</h3>${facts({
    experiment: manifest.experiment,
    hash: manifest.hash,
    created: manifest.created,
    discount: String(manifest.discount),
    seeds: manifest.seeds.join(', '),
    code: `${code.version} (sha256 ${code.sha256.slice(0, 16)}\u2026)`,
    ...tensorsOf(manifest.config),
  })}</div>
<div><h3>Versions</h3>${facts(manifest.versions)}</div>
<div><h3>Machine</h3>${facts({
    system: `${machine.platform} ${machine.arch}`,
    processor: `${machine.cpu}, ${machine.cores} cores`,
    memory: `${Number(machine.memoryGb.toFixed(1))} GB`,
    node: machine.node,
  })}</div>
</div>
<div class="card">
${disclosure('Configuration, defaults filled in', yaml(manifest.config))}
${disclosure('Environments', yaml(withoutQuantities(manifest.environments)))}
${disclosure('Algorithms', yaml(manifest.algorithms))}
${disclosure(`All ${run.trials.length} trials`, trials(run))}
</div>`
  return { id: 'settings', title: 'Settings and versions', body, figures: {} }
}

const tensorsConfig = z.looseObject({ tensors: z.looseObject({ backend: z.string(), device: z.string().optional() }) })

/** Where tensors lived; nothing where the configuration names no backend. */
function tensorsOf(config: unknown): { tensors?: string } {
  const { success, data } = tensorsConfig.safeParse(config)
  if (!success) return {}
  const { backend, device } = data.tensors
  return { tensors: device === undefined ? backend : `${backend}, ${device}` }
}

function facts(pairs: { readonly [name: string]: string }): Html {
  return html`<dl class="facts">${Object.entries(pairs).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`
}

function yaml(value: unknown): Html {
  return html`<pre tabindex="0">${stringify(value)}</pre>`
}

function withoutQuantities(environments: RunData['manifest']['environments']): unknown {
  const entries = Object.entries(environments).map(([label, { quantities, ...rest }]) => {
    return [label, { ...rest, quantities: quantities.map(({ name, unit }) => `${name} (${unit})`) }]
  })
  return Object.fromEntries(entries)
}

function trials(run: RunData): Html {
  const number = (value: number | null | undefined) =>
    value === null || value === undefined ? '\u2013' : String(Number(value.toPrecision(8)))
  const folds = run.trials.some(({ result }) => result?.fold !== undefined)
  const columns = [
    { name: 'trial' },
    { name: 'algorithm' },
    { name: 'environment' },
    { name: 'seed', number: true },
    ...(folds ? [{ name: 'fold', number: true }] : []),
    { name: 'status' },
    { name: 'last score', number: true },
    { name: 'best score', number: true },
    { name: 'seconds', number: true },
  ]
  const rows = run.trials.map(({ plan, result, seconds }) => ({
    cells: [
      html`<code>${plan.id}</code>`,
      plan.algorithm,
      plan.environment,
      String(plan.seed),
      ...(folds ? [String(result?.fold ?? '\u2013')] : []),
      result?.status ?? 'not finished',
      number(result?.final),
      number(result?.best),
      seconds === null ? '\u2013' : seconds.toFixed(1),
    ],
  }))
  return table('Trials: the score of a trial is that of its last policy', columns, rows, true)
}
