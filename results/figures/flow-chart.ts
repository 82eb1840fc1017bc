import { Graph, layout } from '@dagrejs/dagre'
import type { FlowChart, FlowChartBox } from '../model/flow-chart.js'
import { type Html, html } from '../page/html.js'
import { SERIES_COLOURS } from '../page/palette.js'
import { wrapped } from './figure.js'

/** Pixels of a letter and a line of a box, of the room around them, and of the widest arrow. */
const LETTER = 6.4
const LINE = 15
const PAD = 9
const WIDEST = 9

const START = 'start'

/** Says a share of the episodes: 12%, 3.4%, <0.1%. */
export function sharePercent(share: number): string {
  const percent = 100 * share
  if (percent < 0.1) return '<0.1%'
  return `${percent.toFixed(percent < 9.95 ? 1 : 0)}%`
}

/**
 * Draws a flow chart from left to right: boxes in layers (Sugiyama's method, by dagre), arrows as wide as the share of the episodes that
 * takes them; an SVG that follows the page's theme, and its width at full size, pixels.
 */
export function drawFlowChart(chart: FlowChart): { readonly drawing: Html; readonly width: number } {
  const graph = new Graph({ directed: true })
  graph.setGraph({ rankdir: 'LR', nodesep: 16, ranksep: 26, edgesep: 9, marginx: 8, marginy: 8 })
  graph.setDefaultEdgeLabel(() => ({}))
  const first = [chart.episodes, '100%']
  graph.setNode(START, sizeOf(first))
  const texts = chart.boxes.map(({ title, notes, share }) => [
    `${title}  ${sharePercent(share)}`,
    ...notes.flatMap((note) => wrapped(note, 24)),
  ])
  texts.forEach((lines, b) => {
    graph.setNode(String(b), sizeOf(lines))
  })
  for (const { from, to, share } of chart.arrows) {
    const label = {
      width: LETTER * sharePercent(share).length,
      height: 12,
      labelpos: 'c' as const,
      weight: 1 + Math.round(20 * share),
    }
    graph.setEdge(from === null ? START : String(from), String(to), label)
  }
  layout(graph)
  const { width = 0, height = 0 } = graph.graph()
  const arrows = [...chart.arrows].sort((a, b) => a.share - b.share)
  const title = `What ${chart.policy} does, with shares of the ${chart.episodes}`
  const drawing = html`<svg class="flow" role="img" aria-label="${title}" viewBox="0 0 ${round(width)} ${round(height)}" style="min-width:${Math.round(width * 0.8)}px;max-width:${Math.round(width * 1.2)}px">
${arrows.map(({ from, to, share }) => drawArrow(graph.edge(from === null ? START : String(from), String(to)), share))}
${arrows.map(({ from, to, share }) => drawLabel(graph.edge(from === null ? START : String(from), String(to)), share))}
${drawBox(graph.node(START), first, 'start', null)}
${chart.boxes.map((box, b) => drawBox(graph.node(String(b)), texts[b]!, box.kind, box))}</svg>`
  return { drawing, width: Math.round(width) }
}

/** Colour of a phase. */
export function phaseColour(phase: number): string {
  return `var(--${SERIES_COLOURS[phase % SERIES_COLOURS.length]!})`
}

function sizeOf(lines: readonly string[]): { width: number; height: number } {
  // The first line is bold and larger.
  const letters = Math.max(...lines.map(({ length }, i) => (i === 0 ? 1.15 : 1) * length))
  return { width: Math.round(letters * LETTER + 2 * PAD), height: lines.length * LINE + PAD }
}

interface Placed {
  readonly x?: number
  readonly y?: number
  readonly width?: number
  readonly height?: number
}

function drawBox(
  { x = 0, y = 0, width = 0, height = 0 }: Placed,
  lines: readonly string[],
  kind: string,
  box: FlowChartBox | null,
): Html {
  const [left, top] = [round(x - width / 2), round(y - height / 2)]
  const colour = box === null || kind === 'ends' ? 'var(--muted)' : phaseColour(box.phase)
  return html`<g class="box ${kind}"><rect x="${left}" y="${top}" width="${width}" height="${height}" rx="${kind === 'acts' ? 5 : round(height / 2)}" style="stroke:${colour}"/>${lines.map(
    (line, i) =>
      html`<text class="${i === 0 ? 'title' : 'note'}" x="${round(x)}" y="${round(top + PAD + 7 + LINE * i)}">${line}</text>`,
  )}</g>`
}

interface Routed {
  readonly points?: readonly { readonly x: number; readonly y: number }[]
  readonly x?: number
  readonly y?: number
}

/** A smooth line through the middles of the bends. */
function drawArrow({ points = [] }: Routed, share: number): Html {
  const [from, ...rest] = points
  const last = rest.at(-1)!
  let path = `M${round(from!.x)} ${round(from!.y)}`
  for (let k = 0; k + 1 < rest.length; k++) {
    const [at, next] = [rest[k]!, rest[k + 1]!]
    const isLast = k + 2 === rest.length
    const to = isLast ? next : { x: (at.x + next.x) / 2, y: (at.y + next.y) / 2 }
    path += `Q${round(at.x)} ${round(at.y)} ${round(to.x)} ${round(to.y)}`
  }
  if (rest.length === 1) path += `L${round(last.x)} ${round(last.y)}`
  const thick = Math.max(0.8, WIDEST * Math.min(1, share))
  return html`<path class="arrow" d="${path}" style="stroke-width:${round(thick)}px"/>`
}

function drawLabel({ x = 0, y = 0 }: Routed, share: number): Html {
  return html`<text class="share" x="${round(x)}" y="${round(y + 4)}">${sharePercent(share)}</text>`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
