import { type Html, html } from '../page/html.js'
import type { PolicyViewPanelRecord } from '../store/trial-records.js'
import { wrapped } from './figure.js'
import { fittingNumber } from './fitting-number.js'
import type { ValueScale } from './value-scale.js'

/** What a map shows in one cell. */
export interface MapCell {
  /** Reward units; null where there is none. */
  readonly value: number | null
  /** Whether anybody acts there. */
  readonly acts: boolean
  /** What is done there, several where equally good; none where nobody acts, or where actions are drawn. */
  readonly choices: readonly string[]
  /** Whether another action is better. */
  readonly worse: boolean
}

/** A map ready to be drawn. */
export interface ValueMap {
  readonly title: string
  /** Environment, gamma and what it is worth, for where the picture stands alone. */
  readonly facts: readonly string[]
  /** Axes, places and walls. */
  readonly panel: PolicyViewPanelRecord
  readonly scale: ValueScale
  /** What the values are, for labels: "V*" or "V". */
  readonly name: string
  /** Short names of choices that aren't moves. */
  readonly codes: ReadonlyMap<string, string>
  cell(y: number, x: number): MapCell
}

/** Moves by name, as changes of x and y. */
const moves: { readonly [choice: string]: readonly [number, number] } = {
  up: [0, -1],
  north: [0, -1],
  right: [1, 0],
  east: [1, 0],
  down: [0, 1],
  south: [0, 1],
  left: [-1, 0],
  west: [-1, 0],
}

/** Whether a choice is drawn as an arrow. */
export function isMove(choice: string): boolean {
  return Object.hasOwn(moves, choice)
}

/** Space for the numbers of rows and columns. */
const MARGIN = 22

/** Pixels of a line of the heading, and of a letter of it. */
const LINE = 13
const LETTER = 5.2

/** A map of values as colours and numbers, with arrows for what is done; an SVG that follows the page's theme. */
export function drawValueMap(map: ValueMap): Html {
  const { panel, title, facts } = map
  const size = cellSize(panel.x.length)
  const [width, height] = [panel.x.length * size, panel.y.length * size]
  const every = Math.ceil(20 / size)
  const label = (text: string, x: number, y: number, i: number) =>
    i % every === 0 ? html`<text x="${x}" y="${y}">${text}</text>` : null
  const lines = [title, ...wrapped(facts.join(' \u00b7 '), Math.floor((width + MARGIN) / LETTER))]
  const top = MARGIN + LINE * lines.length + 4
  const heading = lines.map(
    (line, i) =>
      html`<text class="${i === 0 ? 'title' : 'fact'}" x="${-MARGIN}" y="${11 - top + LINE * i}">${line}</text>`,
  )
  // It fills its place, but for cells as large as a thumb, and scrolls where it would become too small to read.
  const [least, most] = [0.75, 1.7].map((scale) => Math.round((width + MARGIN) * scale))
  return html`<svg class="map" role="img" aria-label="${[title, ...facts].join(', ')}" viewBox="${-MARGIN} ${-top} ${width + MARGIN} ${height + top}" style="min-width:${size < 40 ? Math.min(least!, 330) : least}px;max-width:${most!}px">
<g class="heading">${heading}</g>
<g class="axis">${panel.x.map((text, i) => label(text, (i + 0.5) * size, -7, i))}${panel.y.map((text, i) => label(text, -10, (i + 0.5) * size + 4, i))}</g>
${panel.y.map((_, y) => panel.x.map((_, x) => drawCell(map, y, x, size)))}
${(panel.walls ?? []).map(([y, x]) => html`<path class="wall" d="M${(x + 1) * size} ${y * size}v${size}"/>`)}</svg>`
}

/** Pixels of a cell's side. */
function cellSize(columns: number): number {
  return columns <= 8 ? 58 : columns <= 12 ? 50 : columns <= 16 ? 42 : columns <= 30 ? 22 : 14
}

function drawCell(map: ValueMap, y: number, x: number, size: number): Html {
  const { panel, scale, name, codes } = map
  const { value, acts, choices, worse } = map.cell(y, x)
  const place = panel.places?.[y]?.[x] ?? null
  const at = `translate(${x * size} ${y * size})`
  const says = [
    `${panel.yLabel} ${panel.y[y]}, ${panel.xLabel} ${panel.x[x]}${place === null ? '' : ` (${place})`}`,
    ...(value === null ? [] : [`${name} = ${fullNumber(value)}`]),
    ...(choices.length === 0 ? [] : [choices.join(' or ')]),
    ...(worse ? ['another action is better'] : []),
  ].join(': ')
  if (!acts) {
    const kind = place === null || !kinds.includes(place) ? 'empty' : place
    const text =
      place === null || place === 'wall' || size < 40
        ? null
        : html`<text x="${size / 2}" y="${size / 2 + 4}">${place}</text>`
    return html`<g class="place ${kind}" transform="${at}"><title>${says}</title><rect width="${size}" height="${size}"/>${text}</g>
`
  }
  const fill = value === null ? 'var(--grid)' : scale.colour(value)
  const ink = value === null ? 'var(--fg)' : scale.ink(value)
  const wide = size >= 40
  const arrows = choices.filter(isMove)
  const words = choices.filter((choice) => !isMove(choice)).map((choice) => codes.get(choice) ?? choice)
  return html`<g transform="${at}" fill="${ink}" stroke="${ink}"><title>${says}</title><rect width="${size}" height="${size}" fill="${fill}" stroke="none"/>${
    wide
      ? html`<text class="value" x="${size / 2}" y="${size * 0.88}">${value === null ? 'none' : fittingNumber(value, scale.format, size - 3)}</text>`
      : null
  }${wide && place !== null ? html`<text class="mark" x="3" y="10">${place.startsWith('leads') ? `\u2192 ${place.slice(9)}` : place}</text>` : null}${arrows.map((choice) => arrow(choice, size, wide ? 0.41 : 0.5))}${
    words.length === 0
      ? null
      : html`<text class="word" x="${arrows.length === 0 ? size / 2 : size * 0.24}" y="${size * (arrows.length === 0 ? 0.52 : 0.4)}">${words.join(' ')}</text>`
  }${worse ? outline(size, wide) : null}</g>
`
}

/** Six digits, or all before the point. */
function fullNumber(value: number): string {
  return Math.abs(value) < 1e6 ? value.toPrecision(6) : value.toFixed(0)
}

/** Two strokes, so that it stands out from every colour. */
function outline(size: number, wide: boolean): Html {
  const [inset, thick] = wide ? [2, 3] : [1, 1.5]
  const rect = (kind: string, width: number) =>
    html`<rect class="${kind}" stroke-width="${width}" x="${inset}" y="${inset}" width="${size - 2 * inset}" height="${size - 2 * inset}"/>`
  return html`${rect('halo', thick + 2)}${rect('worse', thick)}`
}

/** Places that have a look of their own. */
const kinds = ['wall', 'hole', 'cliff', 'goal', 'end']

/** @param middle - height of the arrow's start, as a share of the cell */
function arrow(choice: string, size: number, middle: number): Html {
  const [dx, dy] = moves[choice]!
  const n = (value: number) => Number(value.toFixed(1))
  const [x, y] = [size / 2, size * middle]
  const [tipX, tipY] = [x + 0.24 * size * dx, y + 0.24 * size * dy]
  const head = 0.1 * size
  // Across the arrow's direction.
  const wing = (side: number) => `${n(tipX - head * dx + side * head * dy)} ${n(tipY - head * dy + side * head * dx)}`
  return html`<path class="arrow" d="M${n(x)} ${n(y)}L${n(tipX)} ${n(tipY)}M${wing(1)}L${n(tipX)} ${n(tipY)}L${wing(-1)}"/>`
}
