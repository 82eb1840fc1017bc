import type { Figure } from '../../figures/figure.js'
import { numberText } from '../../model/number-style.js'
import type { WorldModel } from '../../model/report-model.js'
import { disclosure, table } from '../../page/controls.js'
import { type Html, html } from '../../page/html.js'
import { percent } from '../../page/numbers.js'
import { figureCard } from '../figure-card.js'
import type { Section } from '../section.js'

/** Reward curves with bands, one card a world, as scores and as regret. */
export function curvesSection(worlds: readonly WorldModel[]): Section {
  const figures: { [name: string]: Figure } = {}
  const cards = worlds.map((world, i): Html => {
    const { scores, regret } = world.figures
    const views = [
      { name: 'Score', key: `curves-score-${i}`, model: scores },
      ...(regret === null ? [] : [{ name: 'Regret', key: `curves-regret-${i}`, model: regret }]),
    ]
    const below = disclosure('The numbers of this figure', numbers(world))
    const heading = worlds.length > 1 ? world.name : null
    return figureCard(views, { id: `curves-${i}`, heading, choice: 'Scale', below }, figures)
  })
  return { id: 'curves', title: 'Reward curves', body: html`${cards}`, figures }
}

function numbers({ figures: { scores }, replicate }: WorldModel): Html {
  const format = numberText(scores.y.numbers)
  const rows = scores.curves.flatMap(({ label, points }) =>
    points.map(({ x, y, low, high, of, regret = null }) => ({
      cells: [
        label,
        x.toLocaleString('en'),
        format(y),
        low === null || high === null ? '\u2013' : `${format(low)} to ${format(high)}`,
        regret === null ? '\u2013' : percent(regret),
        String(of),
      ],
    })),
  )
  const columns = [
    { name: 'learner' },
    { name: 'steps', number: true },
    { name: 'IQM', number: true },
    { name: '95% interval', number: true },
    { name: 'regret', number: true },
    { name: `${replicate}s`, number: true },
  ]
  return table(`Reward curves: interquartile mean over ${replicate}s`, columns, rows, true)
}
