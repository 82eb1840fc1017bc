import { table } from '../../page/controls.js'
import { html } from '../../page/html.js'
import { plural } from '../../page/numbers.js'
import type { RunData } from '../../store/run-data.js'
import type { Section } from '../section.js'

const referenceColumns = [{ name: 'reference' }, { name: 'environment' }, { name: 'error' }]

/** Trials and references that failed, and trials that haven't finished; null when all are done. */
export function failuresSection(run: RunData): Section | null {
  const failed = run.trials.filter((trial) => trial.result?.status === 'failed')
  const unfinished = run.trials.filter((trial) => trial.result === null)
  const references = Object.entries(run.references?.environments ?? {}).flatMap(([environment, { failures = [] }]) =>
    failures.map(({ name, code, message }) => ({
      cells: [name, environment, html`<code>${code}</code> ${message}`],
    })),
  )
  if (failed.length + unfinished.length + references.length === 0) return null
  const folds = failed.some(({ result }) => result!.fold !== undefined)
  const columns = [
    { name: 'trial' },
    { name: 'algorithm' },
    { name: 'environment' },
    { name: 'seed', number: true },
    ...(folds ? [{ name: 'fold', number: true }] : []),
    { name: 'error' },
  ]
  const rows = failed.map(({ plan, result }) => ({
    cells: [
      html`<code>${plan.id}</code>`,
      plan.algorithm,
      plan.environment,
      String(plan.seed),
      ...(folds ? [String(result!.fold ?? '\u2013')] : []),
      html`<code>${result!.error?.code}</code> ${result!.error?.message}`,
    ],
  }))
  const body = html`<div class="card alert">
${failed.length === 0 ? null : html`<p>${plural(failed.length, 'trial')} failed and ${failed.length === 1 ? 'counts' : 'count'} nowhere in this report.</p>${table('Failed trials', columns, rows)}`}
${unfinished.length === 0 ? null : html`<p>${plural(unfinished.length, 'trial')} of ${run.trials.length} not finished; curves show them as far as they got.</p>`}
${references.length === 0 ? null : html`<p>${plural(references.length, 'reference')} could not be computed.</p>${table('Failed references', referenceColumns, references)}`}
</div>`
  return {
    id: 'failures',
    title:
      references.length > 0 && failed.length + unfinished.length === 0 ? 'Failed references' : 'Failed and unfinished',
    body,
    figures: {},
  }
}
