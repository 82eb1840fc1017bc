import { costQualityCurves } from '../../figures/cost-quality-figure.js'
import type { Figure } from '../../figures/figure.js'
import { foldScheme, type RoutedWorld } from '../../figures/routed-worlds.js'
import { strongCallCurves } from '../../figures/routing-figure.js'
import { plot, seriesLegend, type Tab, tabbed } from '../../page/controls.js'
import { type Html, html } from '../../page/html.js'
import { aiqVariant } from '../../statistics/routing/score-routing.js'
import type { Section } from '../section.js'
import { routingTable } from './routing-table.js'
import { routingVerdict } from './routing-verdict.js'

/** How policies route held-out queries: verdict, curves, table; null for runs without outcome tables. */
export function routingSection(worlds: readonly RoutedWorld[]): Section | null {
  if (worlds.length === 0) return null
  const figures: { [name: string]: Figure } = {}
  const cards = worlds.flatMap((world, i): Html[] => {
    const tabs: Tab[] = []
    const add = (name: string, key: string, figure: Figure | null, description: string) => {
      if (figure === null) return
      figures[key] = figure
      tabs.push({ name, content: plot(key, description) })
    }
    add('Strong calls', `routing-calls-${i}`, strongCallCurves(world), 'Quality over the share of strong calls')
    add('Cost', `routing-cost-${i}`, costQualityCurves(world), 'Quality over cost')
    const place = worlds.length > 1 ? html`<h3>${world.label}</h3>` : null
    const figure =
      tabs.length === 0
        ? null
        : html`<figure class="card">${place}
${seriesLegend(world.series)}
${tabbed(`routing-${i}`, 'Axis', tabs)}
<figcaption>${caption(world, tabs.length > 1)}</figcaption></figure>`
    return [
      html`<div class="card finding">${place}${routingVerdict(world)}</div>`,
      ...(figure === null ? [] : [figure]),
      html`<div class="card">${place}${routingTable(world)}<p class="note">${tableNote(world)}</p></div>`,
    ]
  })
  return { id: 'routing', title: 'Routing held-out queries', body: html`${cards}`, figures }
}

function caption({ routing, series }: RoutedWorld, both: boolean): string {
  const hull =
    'On the cost axis a line is the non-decreasing convex hull, which knows each fold\u2019s outcomes and so flatters a little; dots are policies as they choose themselves, diamonds single models, the star the per-query oracle.'
  return [
    `Line: mean over ${foldScheme(routing)}. Band: bootstrap 95% interval of that mean, folds drawn within their repetition. Solid: learned from rewards; dashed and dotted: baselines.`,
    routing.pair === null
      ? hull
      : `The share of strong calls moves with a threshold on the policy's scores; the dotted line mixes the two models at random.${both ? ` ${hull}` : ''}`,
    ...(series.some(({ hidden }) => hidden) ? ['Press a crossed-out name to draw it as well.'] : []),
  ].join(' ')
}

function tableNote({ routing, series, summary }: RoutedWorld): string {
  const priced = series.some((one) => one.summary.aiq)
  return [
    'Small: 95% intervals, bootstrap over folds.',
    ...(routing.pair === null
      ? []
      : [
          'APGR: average performance gap recovered; 0.5 is a random mix, 1 the strong model at no calls. CPT: strong calls needed to recover 50% or 80% of the gap, first crossing.',
        ]),
    ...(Object.keys(summary.differences).length === 0
      ? []
      : [
          'The corrected interval is the resampled t interval of Nadeau and Bengio (2003), wider because folds share training rows.',
        ]),
    ...(priced ? [`AIQ: ${aiqVariant}.`] : []),
  ].join(' ')
}
