import type { Figure } from '../../figures/figure.js'
import type { Aggregate } from '../../model/aggregate.js'
import { numberText } from '../../model/number-style.js'
import { disclosure, swatch, table } from '../../page/controls.js'
import { type Html, html } from '../../page/html.js'
import { figureCard } from '../figure-card.js'
import type { Section } from '../section.js'

/** Algorithms over all environments; null where there aren't several. */
export function aggregateSection(aggregate: Aggregate | null): Section | null {
  if (aggregate === null) return null
  const figures: { [name: string]: Figure } = {}
  const views = [
    { name: 'Interquartile mean', key: 'aggregate-iqm', model: aggregate.iqm },
    { name: 'Performance profiles', key: 'aggregate-profiles', model: aggregate.profiles },
    { name: 'Probability of improvement', key: 'aggregate-improvement', model: aggregate.improvement },
  ]
  const below = disclosure('The numbers of these figures', numbers(aggregate))
  const body = figureCard(views, { id: 'aggregate', heading: null, choice: 'Aggregate', below }, figures)
  return { id: 'aggregate', title: `Over ${aggregate.environments.length} environments`, body, figures }
}

function numbers({ iqm, comparisons }: Aggregate): Html {
  const score = numberText(iqm.axis.numbers)
  const between = (low: number | null, high: number | null, text: (value: number) => string) =>
    low === null || high === null ? '\u2013' : `${text(low)} to ${text(high)}`
  const chance = (value: number) => value.toFixed(2)
  const rows = iqm.rows.map(({ id, label, style, value, low, high, of }) => {
    const compared = comparisons.find(({ against }) => against === id)
    return {
      kind: 'learner' as const,
      cells: [
        html`${swatch(style)}${label}`,
        score(value),
        between(low, high, score),
        compared === undefined ? '\u2013' : chance(compared.probability),
        compared === undefined ? '\u2013' : between(compared.low, compared.high, chance),
        String(of),
      ],
    }
  })
  const columns = [
    { name: 'algorithm' },
    { name: 'IQM, normalised', number: true },
    { name: '95% interval', number: true },
    { name: 'best improves on it', number: true },
    { name: '95% interval', number: true },
    { name: 'runs', number: true },
  ]
  return table('Normalised scores over all environments, best first', columns, rows)
}
