import { reportModel } from '../model/report-model.js'
import { styleBook } from '../model/style-book.js'
import { type Html, html } from '../page/html.js'
import { listed } from '../page/numbers.js'
import { renderPage } from '../page/page.js'
import type { RunData } from '../store/run-data.js'
import type { Section } from './section.js'
import { aggregateSection } from './sections/aggregate.js'
import { curvesSection } from './sections/curves.js'
import { failuresSection } from './sections/failures.js'
import { findings } from './sections/findings.js'
import { headline } from './sections/headline.js'
import { learningSection } from './sections/learning.js'
import { mapsSection } from './sections/maps.js'
import { policiesSection } from './sections/policies.js'
import { rankingSection } from './sections/ranking.js'
import { regretSection } from './sections/regret.js'
import { routingSection } from './sections/routing.js'
import { settingsSection } from './sections/settings.js'

/**
 * A run's report: one HTML file that opens offline, loads nothing and sends nothing.
 * @throws StorageError when plotly.js isn't installed
 */
export function renderReport(run: RunData): string {
  const styles = styleBook([run])
  const model = reportModel([run], styles)
  const { worlds, routed } = model
  const sections = [
    failuresSection(run),
    routingSection(routed),
    // Routing has a verdict of its own, against ridge and the oracle on the same folds.
    routed.length > 0 ? null : findings(worlds),
    aggregateSection(model.aggregate),
    curvesSection(worlds),
    learningSection(worlds),
    rankingSection(worlds),
    regretSection(worlds),
    mapsSection(run, styles),
    policiesSection(run, styles),
    settingsSection(run),
  ].filter((section) => section !== null)
  const body = html`<a class="skip" href="#main">Skip to the content</a>
<header>${headline(run, model)}</header>
${contents(sections)}
<main id="main">${sections.map(drawSection)}</main>
<footer class="foot">Made by Cadre ${run.manifest.code.version}. Statistics after Agarwal et al. 2021: interquartile means over ${listed([...new Set(worlds.map((world) => `${world.replicate}s`))])}, stratified bootstrap 95% intervals (2000 resamples).</footer>`
  const figures = Object.assign({}, ...sections.map((section) => section.figures))
  return renderPage({ title: `${run.manifest.experiment}: Cadre run report`, body, figures })
}

/** Links to the sections of a page. */
export function contents(sections: readonly Section[]): Html {
  return html`<nav aria-label="Sections"><ul>${sections.map(
    ({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`,
  )}</ul></nav>`
}

export function drawSection({ id, title, body }: Section): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title"><header><h2 id="${id}-title">${title}</h2></header>
${body}</section>
`
}
