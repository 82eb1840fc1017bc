import { resolve } from 'node:path'
import { type ExportOptions, screenshot } from '../figures/export-figures.js'
import { drawFlowChart, phaseColour, sharePercent } from '../figures/flow-chart.js'
import { type FlowChart, type FlowChartArrow, withoutRare } from '../model/flow-chart.js'
import { type Html, html } from '../page/html.js'
import { renderPage } from '../page/page.js'
import { writeFileAtomically } from '../store/atomic-write.js'
import { checkMapFile } from './write-maps.js'

/** What fewer episodes than this come by is drawn as one box a phase. */
const RARE = 0.01

/**
 * Writes flow charts as `.html` or `.png`, by the file's name.
 * @param title - the environment
 * @param charts - each with what its policy is worth from the start
 * @returns the file's path
 * @throws UsageError when the name ends otherwise, or PNG can't be drawn here; StorageError when the file can't be written
 */
export async function writeFlow(
  title: string,
  charts: readonly { readonly chart: FlowChart; readonly worth: string }[],
  file: string,
  options: ExportOptions = {},
): Promise<string> {
  const path = resolve(file)
  checkMapFile(file)
  const png = /\.png$/i.test(path)
  const cards = charts.map(({ chart, worth }) => drawFlowCard(chart, worth, !png))
  // A picture can't be scrolled: it is as wide as its chart.
  const width = Math.max(900, ...cards.map((card) => card.width)) + 110
  const page = renderPage({
    title: `${title}: flow charts`,
    body: html`<main id="main"${png ? html` style="max-width:none"` : ''}><section class="flows"><h2>${title}</h2>${cards.map(({ card }) => card)}</section></main>`,
    figures: {},
    theme: png ? 'light' : 'auto',
  })
  writeFileAtomically(path, png ? await screenshot(page, '.flows', { width, ...options }) : page)
  return path
}

/** A chart with its key, and the same as a table. @param table - whether the table is shown, folded */
export function drawFlowCard(
  whole: FlowChart,
  worth: string,
  table: boolean,
): { readonly card: Html; readonly width: number } {
  const chart = withoutRare(whole, RARE)
  const { episodes, policy, phases } = chart
  const merged = chart.boxes.length < whole.boxes.length
  const rare = merged ? ` What fewer than ${sharePercent(RARE)} come by is one box a phase.` : ''
  const used = phases.filter((_, p) => chart.boxes.some(({ phase, kind }) => phase === p && kind === 'acts'))
  const { drawing, width } = drawFlowChart(chart)
  const card = html`<div class="card"><h3>What ${policy} does</h3>
<p class="note">${worth} Numbers are shares of all ${episodes}, exact under the model; arrows are as wide as theirs.${rare}</p>
<ul class="key">${used.map((name) => html`<li><i class="phase" style="background:${phaseColour(phases.indexOf(name))}"></i>${name}</li>`)}</ul>
<div class="scroll">${drawing}</div>${table ? drawTable(whole) : null}</div>`
  return { card, width }
}

function drawTable(chart: FlowChart): Html {
  const nameOf = (number: number) => {
    const { phase, title, notes, kind } = chart.boxes[number]!
    return [kind === 'ends' ? title : `${chart.phases[phase]!}: ${title}`, ...notes].join(', ')
  }
  const rows = [...chart.arrows].sort((a, b) => b.share - a.share)
  const row = ({ from, to, share }: FlowChartArrow) =>
    html`<tr><td>${from === null ? 'start' : nameOf(from)}</td><td>${nameOf(to)}</td><td class="number">${(100 * share).toFixed(3)}%</td></tr>`
  return html`<details><summary>As a table: ${rows.length} arrows</summary><div class="scroll tall"><table><thead><tr><th>From</th><th>To</th><th class="number">Share of ${chart.episodes}</th></tr></thead><tbody>${rows.map(row)}</tbody></table></div></details>`
}
