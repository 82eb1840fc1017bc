import type { Figure } from '../../figures/figure.js'
import type { RoutedWorld } from '../../model/routed-world.js'
import { type Html, html } from '../../page/html.js'
import { aiqVariant } from '../../statistics/routing/score-routing.js'
import { figureCard } from '../figure-card.js'
import type { Section } from '../section.js'
import { routingTable } from './routing-table.js'
import { routingVerdict } from './routing-verdict.js'

/** How policies route held-out queries: verdict, differences to the baseline, curves, table; null for runs without outcome tables. */
export function routingSection(worlds: readonly RoutedWorld[]): Section | null {
  if (worlds.length === 0) return null
  const figures: { [name: string]: Figure } = {}
  const cards = worlds.flatMap((world, i): Html[] => {
    const { differences, calls, cost } = world.figures
    const heading = worlds.length > 1 ? world.label : null
    const place = heading === null ? null : html`<h3>${heading}</h3>`
    const views = [
      ...(calls === null ? [] : [{ name: 'Strong calls', key: `routing-calls-${i}`, model: calls }]),
      ...(cost === null ? [] : [{ name: 'Cost', key: `routing-cost-${i}`, model: cost }]),
    ]
    const hidden = world.series.some((one) => one.hidden)
    const press = hidden ? html`<p class="note">Press a crossed-out name to draw it as well.</p>` : null
    const ahead = { name: 'Differences', key: `routing-differences-${i}`, model: differences }
    return [
      html`<div class="card finding">${place}${routingVerdict(world)}</div>`,
      ...(ahead.model === null
        ? []
        : [
            figureCard(
              [{ ...ahead, model: ahead.model }],
              { id: `routing-differences-${i}`, heading: ahead.model.axis.title, choice: 'Axis', below: null },
              figures,
            ),
          ]),
      ...(views.length === 0
        ? []
        : [figureCard(views, { id: `routing-${i}`, heading, choice: 'Axis', below: press }, figures)]),
      html`<div class="card">${place}${routingTable(world)}<p class="note">${tableNote(world)}</p></div>`,
    ]
  })
  return { id: 'routing', title: 'Routing held-out queries', body: html`${cards}`, figures }
}

function tableNote({ pair, series }: RoutedWorld): string {
  const priced = series.some((one) => one.summary.aiq)
  return [
    'Small: 95% intervals, bootstrap over folds.',
    ...(pair === null
      ? []
      : [
          'APGR: average performance gap recovered; 0.5 is a random mix, 1 the strong model at no calls. CPT: strong calls needed to recover 50% or 80% of the gap, first crossing.',
        ]),
    ...(series.every(({ difference }) => difference === null)
      ? []
      : [
          'The corrected interval is the resampled t interval of Nadeau and Bengio (2003), wider because folds share training rows.',
        ]),
    ...(priced ? [`AIQ: ${aiqVariant}.`] : []),
  ].join(' ')
}
