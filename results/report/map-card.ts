import { drawValueMap, isMove, type MapCell } from '../figures/value-map.js'
import { scaleStops, type ValueScale, valueScale } from '../figures/value-scale.js'
import type { Style } from '../model/figure-model.js'
import { swatch } from '../page/controls.js'
import { type Html, html } from '../page/html.js'
import { percent, scoreFormat } from '../page/numbers.js'
import type { OptimalMap } from '../store/references.js'
import type { PolicyViewPanelRecord, PolicyViewRecord } from '../store/trial-records.js'
import { choiceCodes } from './choice-codes.js'

/** A policy on the maps of its environment. */
export interface MappedPolicy {
  readonly name: string
  /** Its score from the start; null where it has no finite one. */
  readonly score: number | null
  /** (V* - V) / (V* - Vrandom); null where that isn't known. */
  readonly regret: number | null
  /** Its algorithm's colour, as in all figures; null where it has none. */
  readonly style: Style | null
  /** What is said of it besides: where it comes from. */
  readonly note: string
  /** Its panels with values are drawn. */
  readonly view: PolicyViewRecord
  /** Whether it draws its actions at random: the view's choices are then one draw of many, and aren't shown. */
  readonly draws?: boolean
}

/** Values and policies of one environment, ready to be drawn. */
export interface MapCard {
  /** For the elements of the page. */
  readonly id: string
  readonly title: string
  /** Its panels give the axes, places and walls. */
  readonly layout: PolicyViewRecord
  /** What is optimal, panel by panel; null where unknown. */
  readonly optimal: readonly OptimalMap[] | null
  /** V* from the start; null where unknown. */
  readonly optimum: number | null
  readonly policies: readonly MappedPolicy[]
  readonly discount: number
  /** Whether several policies are shown one at a time, by a list, rather than all below each other. */
  readonly chooser: boolean
}

/** V* with the best actions, and V of each policy with what it does; one scale of colours for all. */
export function drawMapCard(card: MapCard): Html {
  const { id, title, layout, optimal, optimum, policies, discount, chooser } = card
  const gamma = `gamma ${discount}`
  const panels = layout.panels.filter((panel) => panel.places !== undefined)
  const best = panels.map((panel) => optimal?.find((map) => map.title === panel.title && fits(map, panel)) ?? null)
  const known = best.flatMap((map) => map?.value.flat() ?? [])
  const reached = policies.flatMap(({ view }) => view.panels.flatMap(({ value }) => value?.flat() ?? []))
  const scale = valueScale(
    known.filter((value) => value !== null),
    reached.filter((value) => value !== null),
  )
  const codes = choiceCodes(layout.legend)
  const format = scoreFormat(Math.abs(optimum ?? policies[0]?.score ?? 1))
  const words = layout.legend.filter((choice) => !isMove(choice))
  const list =
    policies.length > 1 && chooser
      ? html`<label class="chooser">Policy <select data-views>${policies.map(
          (policy, k) => html`<option value="${id}-${k}">${policy.name} (${standingOf(policy, format)})</option>`,
        )}</select></label>`
      : null
  const shown = policies.map(
    (policy, k) =>
      html`<div id="${id}-${k}"${list === null || k === 0 ? '' : html` hidden`}>${drawPolicy(policy, [title, gamma, standingOf(policy, format)], best, scale, codes)}</div>`,
  )
  const worth = optimum === null ? [] : [`V*(start) = ${format(optimum)}`]
  const heading = [title, gamma, ...worth]
  const drawn = best.some((map) => map !== null)
    ? html`<div><h4>Optimal: V* and the best actions</h4>
<p class="note">${[...worth, 'Several arrows: equally good.'].join('. ')}</p>
<div class="maps">${panels.map((panel, p) => (best[p] === null ? null : drawOptimal(panel, best[p]!, heading, scale, codes, panels.length)))}</div></div>`
    : null
  const key =
    words.length === 0
      ? null
      : html`<p class="note">${words.map((word) => `${codes.get(word)}: ${word}`).join(', ')}.</p>`
  const beside = panels.length === 1 && panels[0]!.x.length <= 8
  return html`<div class="card"><h3>${title}</h3>
<p class="note">${valueNote(discount, scale)}</p>${colourBar(scale)}${key}${list}
<div class="${beside ? 'columns side' : 'stack'}">${drawn}${list === null ? shown : html`<div>${shown}</div>`}</div></div>`
}

function drawOptimal(
  panel: PolicyViewPanelRecord,
  { value, best }: OptimalMap,
  heading: readonly string[],
  scale: ValueScale,
  codes: ReadonlyMap<string, string>,
  panels: number,
): Html {
  const cell = (y: number, x: number): MapCell => {
    const choices = best[y]![x]!
    return { value: value[y]![x]!, acts: choices.length > 0, choices, worse: false }
  }
  return titled(
    panels,
    panel.title,
    drawValueMap({ title: headed(panels, panel, 'V*'), facts: heading, panel, scale, name: 'V*', codes, cell }),
  )
}

function drawPolicy(
  { name, note, view, style, draws = false }: MappedPolicy,
  heading: readonly string[],
  best: readonly (OptimalMap | null)[],
  scale: ValueScale,
  codes: ReadonlyMap<string, string>,
): Html {
  const panels = view.panels.filter((panel) => panel.value !== undefined)
  const isWorse = (p: number, y: number, x: number) => {
    const good = best[p]?.best[y]?.[x]
    const choice = panels[p]!.choice[y]![x]!
    return !draws && good !== undefined && good.length > 0 && choice !== null && !good.includes(choice)
  }
  const maps = panels.map((panel, p) => {
    const cell = (y: number, x: number): MapCell => {
      const choice = panel.choice[y]![x]!
      const acts = choice !== null
      return { value: panel.value![y]![x]!, acts, choices: acts && !draws ? [choice] : [], worse: isWorse(p, y, x) }
    }
    const title = headed(panels.length, panel, `V of ${name}`)
    return titled(
      panels.length,
      panel.title,
      drawValueMap({ title, facts: heading, panel, scale, name: 'V', codes, cell }),
    )
  })
  const compared = draws
    ? 'It draws its actions at random: arrows and outlines are left out.'
    : difference(panels, best, isWorse)
  return html`<h4>${style === null ? null : swatch(style)}${name}: V${draws ? '' : ' and what it does'}</h4>
<p class="note">${note} ${compared}</p>
<div class="maps">${maps}</div>`
}

/** What a map shows, and on which panel where there are several. */
function headed(panels: number, { title }: PolicyViewPanelRecord, shown: string): string {
  return panels === 1 ? shown : `${shown}, ${title}`
}

/** "V(start) = 0.1803, regret 0.1%". */
function standingOf({ score, regret }: MappedPolicy, format: (score: number) => string): string {
  const value = score === null ? 'no finite value' : `V(start) = ${format(score)}`
  return regret === null ? value : `${value}, regret ${percent(regret)}`
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

function valueNote(discount: number, { cut, cutAbove, low, high, format }: ValueScale): string {
  const sum = discount === 1 ? 'undiscounted' : `discounted by ${discount} a step`
  const below = cut ? ` Values below ${format(low)} have the darkest colour.` : ''
  const above = cutAbove ? ` Values above ${format(high)} have the lightest colour.` : ''
  return `Values are sums of rewards from a state on, ${sum}, without the step limit.${below}${above}`
}

function colourBar({ low, high, format }: ValueScale): Html {
  const ticks = low === high ? [low] : [low, (low + high) / 2, high]
  return html`<div class="scale" role="img" aria-label="Colours from ${format(low)} to ${format(high)}, reward units"><i style="background:linear-gradient(90deg,${scaleStops.join(',')})"></i><span>${ticks.map((tick) => html`<b>${format(tick)}</b>`)}</span><small>value, reward units</small></div>`
}

function fits({ value, best }: OptimalMap, { x, y }: PolicyViewPanelRecord): boolean {
  return [value, best].every((cells) => cells.length === y.length && cells.every((row) => row.length === x.length))
}
