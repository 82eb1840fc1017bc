import { leftBelow, regretCurves, scoreCurves } from '../../figures/curves.js'
import type { Figure } from '../../figures/figure.js'
import { type World, worldFormat } from '../../figures/worlds.js'
import { disclosure, plot, seriesLegend, type Tab, tabbed, table } from '../../page/controls.js'
import { type Html, html } from '../../page/html.js'
import { listed, percent, plural } from '../../page/numbers.js'
import { regret } from '../../statistics/score-scale.js'
import { FEWEST_SEEDS } from '../../statistics/summarise.js'
import type { Section } from '../section.js'

/** Reward curves with bands, one card a world, as scores and as regret. */
export function curvesSection(worlds: readonly World[]): Section {
  const figures: { [name: string]: Figure } = {}
  const cards = worlds.map((world, i): Html => {
    const tabs: Tab[] = []
    const add = (name: string, key: string, figure: Figure | null, description: string) => {
      if (figure === null) return
      figures[key] = figure
      tabs.push({ name, content: plot(key, description) })
    }
    add('Score', `curves-score-${i}`, scoreCurves(world), 'Reward curves: score against environment steps')
    add('Regret', `curves-regret-${i}`, regretCurves(world), 'Regret against environment steps, logarithmic')
    return html`<figure class="card">${worlds.length > 1 ? html`<h3>${world.id}: ${listed(world.environments)}</h3>` : null}
${seriesLegend(world.series)}
${tabbed(`curves-${i}`, 'Scale', tabs)}
<figcaption>Score of ${played(world)} at each evaluation. Line: interquartile mean over ${world.replicate}s. ${bandNote(world)} ${evaluationNote(world)}</figcaption>
${disclosure('The numbers of this figure', numbers(world))}</figure>`
  })
  return { id: 'curves', title: 'Reward curves', body: html`${cards}`, figures }
}

/** What was evaluated, by how it was played. */
function played({ acts }: World): string {
  const greedy = 'the greedy policy'
  const sampled = 'the policy as it draws its actions'
  if (!acts.includes('sampled')) return greedy
  return acts.includes('greedy') ? `${greedy}, or of ${sampled} (as each run chose),` : sampled
}

/** What the bands are, and what stands where there are too few seeds for one. */
function bandNote(world: World): string {
  const { series, replicate } = world
  const lowest = leftBelow(world)
  const points = series.flatMap(({ curve }) => curve)
  const stopped = series.some(({ curve }) => new Set(curve.map(({ seeds }) => seeds)).size > 1)
  return [
    points.some(({ low }) => low !== null)
      ? 'Band: its bootstrap 95% interval.'
      : `No band: fewer than ${FEWEST_SEEDS} ${replicate}s say nothing of how far others would lie.`,
    ...(lowest === null ? [] : [`The axis is cut: curves come from as low as ${worldFormat(world)(lowest)}.`]),
    ...(stopped ? [`Dotted from a cross on: some ${replicate}s got no further.`] : []),
  ].join(' ')
}

function evaluationNote(world: World): string {
  const { horizonSteps } = world
  if (horizonSteps !== null)
    return `Values are exact, of the first ${plural(horizonSteps, 'step')}: episodes have no more.`
  return world.exact
    ? 'Values are exact, by policy evaluation, from the start distribution.'
    : 'Values are sampled over episodes.'
}

function numbers(world: World): Html {
  const format = worldFormat(world)
  const rows = world.series.flatMap((series) =>
    series.curve.map((point) => {
      const share = regret(point.iqm, world)
      const cells = [
        series.label,
        point.step.toLocaleString('en'),
        format(point.iqm),
        point.low === null || point.high === null ? '\u2013' : `${format(point.low)} to ${format(point.high)}`,
        share === null ? '\u2013' : percent(share),
        String(point.seeds),
      ]
      return { cells }
    }),
  )
  const columns = [
    { name: 'learner' },
    { name: 'steps', number: true },
    { name: 'IQM', number: true },
    { name: '95% interval', number: true },
    { name: 'regret', number: true },
    { name: `${world.replicate}s`, number: true },
  ]
  return table(`Reward curves: interquartile mean over ${world.replicate}s`, columns, rows, true)
}
