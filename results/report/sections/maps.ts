import { drawValueMap, isMove, type MapCell } from '../../figures/value-map.js'
import { scaleStops, type ValueScale, valueScale } from '../../figures/value-scale.js'
import { type Html, html } from '../../page/html.js'
import { plural, scoreFormat } from '../../page/numbers.js'
import { groupTrials } from '../../statistics/summarise.js'
import type { OptimalMap } from '../../store/references.js'
import type { RunData, TrialData } from '../../store/run-data.js'
import type { PolicyViewPanelRecord, PolicyViewRecord } from '../../store/trial-records.js'
import { choiceCodes } from '../choice-codes.js'
import type { Section } from '../section.js'

/** The policy of one trial, on maps. */
interface MappedPolicy {
  readonly algorithm: string
  readonly trial: TrialData
  readonly trials: number
  readonly view: PolicyViewRecord
}

/** Whether a trial's policy is drawn as maps of values. */
export function isMapped({ policyView, result }: TrialData): boolean {
  return (
    policyView?.panels.some((panel) => panel.value !== undefined) === true &&
    result?.status === 'done' &&
    result.final !== null
  )
}

/**
 * Values and policies on the maps of environments that have them: what is optimal, and the median trial of each algorithm;
 * null where no run recorded any.
 */
export function mapsSection(run: RunData): Section | null {
  const cards = Object.entries(run.manifest.environments).flatMap(([environment], i) => {
    const policies = groupTrials(run)
      .filter((group) => group.environment === environment)
      .flatMap(({ algorithm, trials }): MappedPolicy[] => {
        const done = trials.filter(isMapped).sort((a, b) => a.result!.final! - b.result!.final!)
        const trial = done[Math.floor((done.length - 1) / 2)]
        return trial === undefined ? [] : [{ algorithm, trial, trials: done.length, view: trial.policyView! }]
      })
    const optimal = run.references?.environments[environment]?.maps ?? null
    return policies.length === 0
      ? []
      : [environmentCard(`map-${i}`, environment, policies, optimal, run.manifest.discount)]
  })
  if (cards.length === 0) return null
  return { id: 'maps', title: 'Values and policies', body: html`${cards}`, figures: {} }
}

function environmentCard(
  id: string,
  environment: string,
  policies: readonly MappedPolicy[],
  optimal: readonly OptimalMap[] | null,
  discount: number,
): Html {
  const { view } = policies[0]!
  const panels = view.panels.filter((panel) => panel.value !== undefined)
  const best = panels.map((panel) => optimal?.find((map) => map.title === panel.title && fits(map, panel)) ?? null)
  const known = best.flatMap((map) => (map === null ? [] : map.value.flat().filter((value) => value !== null)))
  const reached = policies.flatMap(({ view }) => view.panels.flatMap(({ value }) => value?.flat() ?? []))
  const scale = valueScale(
    known,
    reached.filter((value) => value !== null),
  )
  const codes = choiceCodes(view.legend)
  const words = view.legend.filter((choice) => !isMove(choice))
  const chooser =
    policies.length === 1
      ? null
      : html`<label class="chooser">Policy <select data-views>${policies.map(
          ({ algorithm, trial }, k) => html`<option value="${id}-${k}">${algorithm} (${scoreText(trial)})</option>`,
        )}</select></label>`
  const shown = policies.map(
    (policy, k) =>
      html`<div id="${id}-${k}"${k === 0 ? '' : html` hidden`}>${drawPolicy(policy, best, scale, codes)}</div>`,
  )
  const optimum = best.some((map) => map !== null)
    ? html`<div><h4>Optimal: V* and the best actions</h4>
<p class="note">Several arrows: equally good.</p>
<div class="maps">${panels.map((panel, p) => (best[p] === null ? null : drawOptimal(panel, best[p]!, scale, codes, panels.length)))}</div></div>`
    : null
  const key =
    words.length === 0
      ? null
      : html`<p class="note">${words.map((word) => `${codes.get(word)}: ${word}`).join(', ')}.</p>`
  const beside = panels.length === 1 && panels[0]!.x.length <= 8
  return html`<div class="card"><h3>${environment}</h3>
<p class="note">${valueNote(discount, scale)}</p>${colourBar(scale)}${key}${chooser}
<div class="${beside ? 'columns side' : 'stack'}">${optimum}<div>${shown}</div></div></div>`
}

function drawOptimal(
  panel: PolicyViewPanelRecord,
  { value, best }: OptimalMap,
  scale: ValueScale,
  codes: ReadonlyMap<string, string>,
  panels: number,
): Html {
  const cell = (y: number, x: number): MapCell => ({ value: value[y]![x]!, choices: best[y]![x]!, worse: false })
  return titled(
    panels,
    panel.title,
    drawValueMap({ title: `V*, ${panel.title}`, panel, scale, name: 'V*', codes, cell }),
  )
}

function drawPolicy(
  { algorithm, trial, trials, view }: MappedPolicy,
  best: readonly (OptimalMap | null)[],
  scale: ValueScale,
  codes: ReadonlyMap<string, string>,
): Html {
  const panels = view.panels.filter((panel) => panel.value !== undefined)
  const isWorse = (p: number, y: number, x: number) => {
    const good = best[p]?.best[y]?.[x]
    const choice = panels[p]!.choice[y]![x]!
    return good !== undefined && good.length > 0 && choice !== null && !good.includes(choice)
  }
  const maps = panels.map((panel, p) => {
    const cell = (y: number, x: number): MapCell => {
      const choice = panel.choice[y]![x]!
      return { value: panel.value![y]![x]!, choices: choice === null ? [] : [choice], worse: isWorse(p, y, x) }
    }
    const title = `V of ${algorithm}, ${panel.title}`
    return titled(panels.length, panel.title, drawValueMap({ title, panel, scale, name: 'V', codes, cell }))
  })
  const at = trials === 1 ? 'the only trial' : `the median of ${plural(trials, 'trial')}`
  const fold = trial.result?.fold === undefined ? '' : `fold ${trial.result.fold}, `
  return html`<h4>${algorithm}: V and what it does</h4>
<p class="note">Last policy of ${at}: ${fold}seed ${trial.plan.seed}, score ${scoreText(trial)}. ${difference(panels, best, isWorse)}</p>
<div class="maps">${maps}</div>`
}

/** How far a policy's choices are from the best ones, in words. */
function difference(
  panels: readonly PolicyViewPanelRecord[],
  best: readonly (OptimalMap | null)[],
  isWorse: (p: number, y: number, x: number) => boolean,
): string {
  if (best.every((map) => map === null)) return ''
  let [acting, worse] = [0, 0]
  panels.forEach((panel, p) => {
    panel.choice.forEach((row, y) => {
      row.forEach((choice, x) => {
        if (choice === null || (best[p]?.best[y]?.[x] ?? []).length === 0) return
        acting++
        if (isWorse(p, y, x)) worse++
      })
    })
  })
  return worse === 0
    ? `Its action is a best one in all ${acting} states.`
    : `Outlined: another action is better, in ${worse} of ${acting} states.`
}

function titled(panels: number, title: string, map: Html): Html {
  return panels === 1 ? html`<div class="scroll">${map}</div>` : html`<div class="scroll"><h5>${title}</h5>${map}</div>`
}

function valueNote(discount: number, { cut, low, format }: ValueScale): string {
  const sum = discount === 1 ? 'undiscounted' : `discounted by ${discount} a step`
  const below = cut ? ` Values below ${format(low)} have the darkest colour.` : ''
  return `Values are sums of rewards from a state on, ${sum}, without the step limit.${below}`
}

function colourBar({ low, high, format }: ValueScale): Html {
  const ticks = low === high ? [low] : [low, (low + high) / 2, high]
  return html`<div class="scale" role="img" aria-label="Colours from ${format(low)} to ${format(high)}, reward units"><i style="background:linear-gradient(90deg,${scaleStops.join(',')})"></i><span>${ticks.map((tick) => html`<b>${format(tick)}</b>`)}</span><small>value, reward units</small></div>`
}

function scoreText({ result }: TrialData): string {
  return scoreFormat(Math.abs(result!.final!))(result!.final!)
}

function fits({ value, best }: OptimalMap, { x, y }: PolicyViewPanelRecord): boolean {
  return [value, best].every((cells) => cells.length === y.length && cells.every((row) => row.length === x.length))
}
