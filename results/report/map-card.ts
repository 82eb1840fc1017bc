import { drawValueMap, isMove, type MapCell } from '../figures/value-map.js'
import { scaleStops, type ValueScale, valueScale } from '../figures/value-scale.js'
import { type Html, html } from '../page/html.js'
import type { OptimalMap } from '../store/references.js'
import type { PolicyViewPanelRecord, PolicyViewRecord } from '../store/trial-records.js'
import { choiceCodes } from './choice-codes.js'

/** A policy on the maps of its environment. */
export interface MappedPolicy {
  readonly name: string
  /** Its score, for the list to choose from. */
  readonly score: string
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
  readonly policies: readonly MappedPolicy[]
  readonly discount: number
  /** Whether several policies are shown one at a time, by a list, rather than all below each other. */
  readonly chooser: boolean
}

/** V* with the best actions, and V of each policy with what it does; one scale of colours for all. */
export function drawMapCard({ id, title, layout, optimal, policies, discount, chooser }: MapCard): Html {
  const panels = layout.panels.filter((panel) => panel.places !== undefined)
  const best = panels.map((panel) => optimal?.find((map) => map.title === panel.title && fits(map, panel)) ?? null)
  const known = best.flatMap((map) => map?.value.flat() ?? [])
  const reached = policies.flatMap(({ view }) => view.panels.flatMap(({ value }) => value?.flat() ?? []))
  const scale = valueScale(
    known.filter((value) => value !== null),
    reached.filter((value) => value !== null),
  )
  const codes = choiceCodes(layout.legend)
  const words = layout.legend.filter((choice) => !isMove(choice))
  const list =
    policies.length > 1 && chooser
      ? html`<label class="chooser">Policy <select data-views>${policies.map(
          ({ name, score }, k) => html`<option value="${id}-${k}">${name} (${score})</option>`,
        )}</select></label>`
      : null
  const shown = policies.map(
    (policy, k) =>
      html`<div id="${id}-${k}"${list === null || k === 0 ? '' : html` hidden`}>${drawPolicy(policy, best, scale, codes)}</div>`,
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
  return html`<div class="card"><h3>${title}</h3>
<p class="note">${valueNote(discount, scale)}</p>${colourBar(scale)}${key}${list}
<div class="${beside ? 'columns side' : 'stack'}">${optimum}${list === null ? shown : html`<div>${shown}</div>`}</div></div>`
}

function drawOptimal(
  panel: PolicyViewPanelRecord,
  { value, best }: OptimalMap,
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
    drawValueMap({ title: `V*, ${panel.title}`, panel, scale, name: 'V*', codes, cell }),
  )
}

function drawPolicy(
  { name, note, view, draws = false }: MappedPolicy,
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
    const title = `V of ${name}, ${panel.title}`
    return titled(panels.length, panel.title, drawValueMap({ title, panel, scale, name: 'V', codes, cell }))
  })
  const compared = draws
    ? 'It draws its actions at random: arrows and outlines are left out.'
    : difference(panels, best, isWorse)
  return html`<h4>${name}: V${draws ? '' : ' and what it does'}</h4>
<p class="note">${note} ${compared}</p>
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
