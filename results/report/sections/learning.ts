import { metricCurves } from '../../figures/curves.js'
import type { Figure } from '../../figures/figure.js'
import type { World } from '../../figures/worlds.js'
import { disclosure, plot, seriesLegend, type Tab, tabbed, table } from '../../page/controls.js'
import { type Html, html } from '../../page/html.js'
import { listed } from '../../page/numbers.js'
import type { Section } from '../section.js'

/** What the metrics of learners that ship, and the runner's own, stand for. */
const MEANINGS: { readonly [name: string]: string } = {
  return: 'mean undiscounted score of the episodes that ended while learning, exploration included',
  episodes: 'episodes that ended since the evaluation before',
  'td-error': 'mean size of the temporal-difference error since the evaluation before',
  'q-min': 'least value in the table',
  'q-max': 'highest value in the table',
  'weight-max': 'largest weight',
  epsilon: 'probability of a random action',
  'exploration-width': 'width of the exploration bonus',
  'learning-rate': 'step size',
}

/** What learners told of themselves, one card a world and a tab a metric; null where they told nothing. */
export function learningSection(worlds: readonly World[]): Section | null {
  const figures: { [name: string]: Figure } = {}
  const cards = worlds.flatMap((world, i): Html[] => {
    const names = [...new Set(world.series.flatMap(({ metrics }) => [...metrics.keys()]))]
    if (names.length === 0) return []
    const tabs = names.map((name, k): Tab => {
      const key = `learning-${i}-${k}`
      figures[key] = metricCurves(world, name)
      return { name, content: plot(key, `${name} against environment steps`) }
    })
    const told = names.map((name) => {
      const meaning = Object.hasOwn(MEANINGS, name) ? MEANINGS[name] : 'as its learner says'
      return html`<li><b>${name}</b>: ${meaning}</li>`
    })
    return [
      html`<figure class="card">${worlds.length > 1 ? html`<h3>${world.id}: ${listed(world.environments)}</h3>` : null}
${seriesLegend(world.series)}
${tabbed(`learning-${i}`, 'Metric', tabs)}
<figcaption>What learners measured while they learned. Line: median over ${world.replicate}s. Band: their middle half.</figcaption>
<ul>${told}</ul>
${disclosure('The numbers of this figure', numbers(world, names))}</figure>`,
    ]
  })
  if (cards.length === 0) return null
  return { id: 'learning', title: 'Learning', body: html`${cards}`, figures }
}

/** Where each metric stood at the end. */
function numbers(world: World, names: readonly string[]): Html {
  const rows = world.series.map((series) => {
    const ends = names.map((name) => {
      const last = series.metrics.get(name)?.at(-1)
      return last === undefined ? '\u2013' : String(Number(last.median.toPrecision(4)))
    })
    return { cells: [series.label, ...ends] }
  })
  const columns = [{ name: 'learner' }, ...names.map((name) => ({ name, number: true }))]
  return table(`Metrics at the end of training: median over ${world.replicate}s`, columns, rows, true)
}
