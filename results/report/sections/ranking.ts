import type { Figure } from '../../figures/figure.js'
import { leftOut, type RankedRow, rankedRows, rankingFigure } from '../../figures/ranking.js'
import { type World, worldFormat } from '../../figures/worlds.js'
import { disclosure, plot, swatch, table } from '../../page/controls.js'
import { type Html, html } from '../../page/html.js'
import { listed, percent } from '../../page/numbers.js'
import type { Section } from '../section.js'

/** Learners and scripted policies in one order, with intervals. */
export function rankingSection(worlds: readonly World[]): Section {
  const figures: { [name: string]: Figure } = {}
  const cards = worlds.map((world, i): Html => {
    const rows = rankedRows(world)
    const out = leftOut(world, rows)
    const format = worldFormat(world)
    const name = `ranking-${i}`
    figures[name] = rankingFigure(world)
    const missing = out.map((row) => `${row.label} (${format(row.score)})`)
    return html`<figure class="card">${worlds.length > 1 ? html`<h3>${world.id}: ${listed(world.environments)}</h3>` : null}
${plot(name, 'Ranking of learners and scripted policies by score, with 95% intervals')}
<figcaption>Circles: learners, score of the last policy, interquartile mean over ${world.replicate}s with bootstrap 95% interval. Diamonds: scripted policies. Squares: best local policies found.${missing.length === 0 ? '' : ` Too low to be drawn: ${listed(missing)}.`}</figcaption>
${disclosure('The numbers of this figure', numbers(rows, format, world.replicate))}</figure>`
  })
  return { id: 'ranking', title: 'Ranking', body: html`${cards}`, figures }
}

function numbers(rows: readonly RankedRow[], format: (score: number) => string, replicate: World['replicate']): Html {
  const columns = [
    { name: 'policy' },
    { name: 'kind' },
    { name: 'score', number: true },
    { name: '95% interval', number: true },
    { name: 'normalised', number: true },
    { name: 'regret', number: true },
    { name: `${replicate}s`, number: true },
  ]
  return table(
    'Scores, best first',
    columns,
    rows.map((row) => ({
      kind: row.kind === 'learner' ? 'learner' : 'other',
      cells: [
        html`${swatch(row.series)}${row.label}`,
        row.kind,
        format(row.score),
        row.low === null || row.high === null ? '\u2013' : `${format(row.low)} to ${format(row.high)}`,
        row.regret === null ? '\u2013' : percent(1 - row.regret),
        row.regret === null ? '\u2013' : percent(row.regret),
        row.seeds === null ? '\u2013' : String(row.seeds),
      ],
    })),
  )
}
