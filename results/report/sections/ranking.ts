import type { Figure } from '../../figures/figure.js'
import type { Row, RowsModel } from '../../model/figure-model.js'
import { numberText } from '../../model/number-style.js'
import type { WorldModel } from '../../model/report-model.js'
import { disclosure, swatch, table } from '../../page/controls.js'
import { type Html, html } from '../../page/html.js'
import { percent } from '../../page/numbers.js'
import { figureCard } from '../figure-card.js'
import type { Section } from '../section.js'

/** Learners and scripted policies in one order, with intervals, and learners close up. */
export function rankingSection(worlds: readonly WorldModel[]): Section {
  const figures: { [name: string]: Figure } = {}
  const cards = worlds.map((world, i): Html => {
    const { all, learners } = world.figures.ranking
    const views = [
      { name: 'All', key: `ranking-${i}`, model: all },
      ...(learners === null ? [] : [{ name: 'Learners close up', key: `ranking-learners-${i}`, model: learners }]),
    ]
    const below = disclosure('The numbers of this figure', numbers(all))
    const heading = worlds.length > 1 ? world.name : null
    return figureCard(views, { id: `ranking-${i}`, heading, choice: 'Axis', below }, figures)
  })
  return { id: 'ranking', title: 'Ranking', body: html`${cards}`, figures }
}

function numbers({ rows, leftOut, axis, replicate }: RowsModel): Html {
  const format = numberText(axis.numbers)
  const columns = [
    { name: 'policy' },
    { name: 'regret', number: true },
    { name: 'score', number: true },
    { name: '95% interval', number: true },
    { name: 'normalised', number: true },
    { name: `${replicate}s`, number: true },
    { name: 'kind' },
  ]
  const cells = (row: Row) => [
    html`${swatch(row.style)}${row.label}`,
    row.regret === null ? '\u2013' : percent(row.regret),
    format(row.value),
    row.low === null || row.high === null ? '\u2013' : `${format(row.low)} to ${format(row.high)}`,
    row.regret === null ? '\u2013' : percent(1 - row.regret),
    row.of === null ? '\u2013' : String(row.of),
    row.kind,
  ]
  return table(
    'Scores, best first',
    columns,
    [...rows, ...leftOut].map((row) => ({ kind: row.kind === 'learner' ? 'learner' : 'other', cells: cells(row) })),
  )
}
