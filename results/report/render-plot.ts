import { checkComparable } from '../model/comparable.js'
import { reportModel } from '../model/report-model.js'
import { runNames } from '../model/run-names.js'
import { html } from '../page/html.js'
import { listed, plural } from '../page/numbers.js'
import { renderPage } from '../page/page.js'
import type { RunData } from '../store/run-data.js'
import { contents, drawSection } from './render-report.js'
import { curvesSection } from './sections/curves.js'
import { rankingSection } from './sections/ranking.js'

export interface PlotOptions {
  /** The runs' names when left out. */
  readonly title?: string
}

/**
 * The reward curves of any comparable runs side by side, as a page like the report: one file, offline.
 * @throws UsageError when a run's scores can't be compared with any other's
 */
export function renderPlot(runs: readonly RunData[], options: PlotOptions = {}): string {
  const { worlds, runs: names } = reportModel(runs)
  checkComparable(runs, worlds)
  const title = plotTitle(runs, options)
  const sections = [curvesSection(worlds), rankingSection(worlds)]
  const made = runs.map(({ manifest }, i) => {
    return `${names[i]} (run ${manifest.hash.slice(0, 10)}, code ${manifest.code.version})`
  })
  const body = html`<header><div class="masthead"><p class="wordmark"><b>Cadre</b> reward curves</p><h1>${title}</h1>
<p class="what">${plural(runs.length, 'run')}: ${listed(made)}</p></div></header>
${contents(sections)}
<main id="main">${sections.map(drawSection)}</main>`
  return renderPage({ title, body, figures: Object.assign({}, ...sections.map((section) => section.figures)) })
}

/** What a plot of these runs is called. */
export function plotTitle(runs: readonly RunData[], options: PlotOptions): string {
  if (options.title !== undefined) return options.title
  const [experiment, ...others] = new Set(runs.map(({ manifest }) => manifest.experiment))
  const names = listed(runNames(runs))
  return runs.length > 1 && others.length === 0 ? `${experiment}: ${names}` : names
}
