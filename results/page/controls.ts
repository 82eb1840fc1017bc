import type { Style } from '../model/figure-model.js'
import { type Html, html } from './html.js'
import type { Dash, Marker } from './palette.js'

/** A place where the page's script draws a figure. */
export function plot(name: string, description: string): Html {
  return html`<div class="plot" data-figure="${name}" role="img" aria-label="${description}"></div>`
}

/** A line of a figure, as its legend shows it. */
export interface LegendEntry {
  /** That of the figure's traces (`meta`). */
  readonly id: string
  readonly label: string
  readonly style: Style
  /** Shown only once it is pressed. */
  readonly hidden?: boolean
}

/** A legend outside the figures; a press hides a series and shows it again. */
export function seriesLegend(series: readonly LegendEntry[]): Html {
  return html`<ul class="legend" aria-label="Series; press to hide or show">${series.map(
    (one) =>
      html`<li><button type="button" data-series="${one.id}" aria-pressed="${one.hidden === true ? 'false' : 'true'}">${lineSample(one.style)}${one.label}</button></li>`,
  )}</ul>`
}

/** One tab; the first one is shown. */
export interface Tab {
  readonly name: string
  readonly content: Html
}

/** Contents of which one is shown at a time; a single one is shown without tabs. */
export function tabbed(id: string, label: string, tabs: readonly Tab[]): Html {
  if (tabs.length === 1) return tabs[0]!.content
  const buttons = tabs.map(
    ({ name }, i) =>
      html`<button type="button" role="tab" id="${id}-tab-${i}" aria-controls="${id}-panel-${i}" aria-selected="${i === 0 ? 'true' : 'false'}" tabindex="${i === 0 ? 0 : -1}">${name}</button>`,
  )
  const panels = tabs.map(
    ({ content }, i) =>
      html`<div role="tabpanel" id="${id}-panel-${i}" aria-labelledby="${id}-tab-${i}"${i === 0 ? '' : html` hidden`}>${content}</div>`,
  )
  return html`<div class="tabs" role="tablist" aria-label="${label}">${buttons}</div>${panels}`
}

/** A column of a table: its heading, and whether numbers stand in it. */
export interface Column {
  readonly name: string
  readonly number?: boolean
}

/** A row of a table; the first cell is its heading. */
export interface TableRow {
  readonly cells: readonly (Html | string)[]
  readonly kind?: 'learner' | 'other'
}

/** A table with row and column headings. */
export function table(caption: string, columns: readonly Column[], rows: readonly TableRow[], tall = false): Html {
  const side = (i: number) => (columns[i]!.number === true ? html` class="number"` : '')
  return html`<div class="scroll${tall ? ' tall' : ''}" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr>${columns.map((column, i) => html`<th scope="col"${side(i)}>${column.name}</th>`)}</tr></thead>
<tbody>${rows.map(
    ({ cells, kind }) => html`<tr${kind === undefined ? '' : html` class="${kind}"`}>${cells.map((cell, i) =>
      i === 0 ? html`<th scope="row"${side(i)}>${cell}</th>` : html`<td${side(i)}>${cell}</td>`,
    )}</tr>
`,
  )}</tbody></table></div>`
}

/** Something to be opened by those who want it. */
export function disclosure(summary: string, content: Html): Html {
  return html`<details><summary>${summary}</summary>${content}</details>`
}

/** The line that a series is drawn with, in small: colours alone don't tell settings of one algorithm apart. */
export function swatch(style: Style | null): Html {
  return html`<span class="swatch">${style === null ? null : lineSample(style)}</span>`
}

const dashArrays: { readonly [dash in Dash]: string } = {
  solid: '',
  dash: '7 4',
  dot: '2.5 3',
  dashdot: '7 3 2.5 3',
  longdash: '11 4',
  longdashdot: '11 3 2.5 3',
}

/** Marks as paths around (15, 4). */
const marks: { readonly [marker in Marker]: string } = {
  circle: 'M12 4a3 3 0 1 0 6 0a3 3 0 1 0-6 0z',
  square: 'M12 1h6v6h-6z',
  diamond: 'M15 .5l3.5 3.5l-3.5 3.5l-3.5-3.5z',
  'triangle-up': 'M15 .5l3.6 6.5h-7.2z',
  cross: 'M14 .5h2v2.5h2.5v2h-2.5v2.5h-2v-2.5h-2.5v-2h2.5z',
  star: 'M15 0l1 2.7h2.8l-2.2 1.8l.9 2.9l-2.5-1.8l-2.5 1.8l.9-2.9l-2.2-1.8h2.8z',
  pentagon: 'M15 .5l3.6 2.6l-1.4 4.2h-4.4l-1.4-4.2z',
}

function lineSample({ colour, dash, marker, marked }: Style): Html {
  const line = html`<line x1="0" y1="4" x2="30" y2="4" stroke="var(--${colour})" stroke-width="2.6" vector-effect="non-scaling-stroke" stroke-dasharray="${dashArrays[dash]}"/>`
  return html`<svg viewBox="0 0 30 8" aria-hidden="true">${line}${marked ? html`<path d="${marks[marker]}" fill="var(--${colour})"/>` : null}</svg>`
}
