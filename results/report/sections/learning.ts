import type { Figure } from '../../figures/figure.js'
import { numberText } from '../../model/number-style.js'
import type { WorldModel } from '../../model/report-model.js'
import { disclosure, table } from '../../page/controls.js'
import { type Html, html } from '../../page/html.js'
import { figureCard } from '../figure-card.js'
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
export function learningSection(worlds: readonly WorldModel[]): Section | null {
  const figures: { [name: string]: Figure } = {}
  const cards = worlds.flatMap((world, i): Html[] => {
    const { metrics } = world.figures
    if (metrics.length === 0) return []
    const views = metrics.map(({ name, curves }, k) => ({ name, key: `learning-${i}-${k}`, model: curves }))
    const told = metrics.map(({ name }) => {
      const meaning = Object.hasOwn(MEANINGS, name) ? MEANINGS[name] : 'as its learner says'
      return html`<li><b>${name}</b>: ${meaning}</li>`
    })
    const below = html`<ul>${told}</ul>
${disclosure('The numbers of this figure', numbers(world))}`
    const heading = worlds.length > 1 ? world.name : null
    return [figureCard(views, { id: `learning-${i}`, heading, choice: 'Metric', below }, figures)]
  })
  if (cards.length === 0) return null
  return { id: 'learning', title: 'Learning', body: html`${cards}`, figures }
}

/** Where each metric stood at the end. */
function numbers({ series, figures: { metrics }, replicate }: WorldModel): Html {
  const rows = series.map(({ id, label }) => {
    const ends = metrics.map(({ curves }) => {
      const last = curves.curves.find((curve) => curve.id === id)?.points.at(-1)
      return last === undefined ? '\u2013' : numberText(curves.y.numbers)(last.y)
    })
    return { cells: [label, ...ends] }
  })
  const columns = [{ name: 'learner' }, ...metrics.map(({ name }) => ({ name, number: true }))]
  return table(`Metrics at the end of training: median over ${replicate}s`, columns, rows, true)
}
