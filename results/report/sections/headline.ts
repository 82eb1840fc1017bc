import { ownValue } from '#env/own-value.js'
import type { Aggregate } from '../../model/aggregate.js'
import type { Comparison } from '../../model/comparisons.js'
import { numberText } from '../../model/number-style.js'
import type { ReportModel, WorldModel } from '../../model/report-model.js'
import { headMetric, type RoutedWorld } from '../../model/routed-world.js'
import { finishedSeries } from '../../model/world.js'
import { type Html, html } from '../../page/html.js'
import { count, listed, percent, plural } from '../../page/numbers.js'
import { regret } from '../../statistics/score-scale.js'
import type { RunData } from '../../store/run-data.js'
import { thousandths } from './routing-table.js'
import { bestLearned, routingLead } from './routing-verdict.js'

/** The top of a report: what was run, who won, and the numbers to hold in mind. */
export function headline(run: RunData, { worlds, routed, aggregate }: ReportModel): Html {
  const { manifest } = run
  return html`<div class="masthead">
<p class="wordmark"><b>Cadre</b> run report</p>
<h1>${manifest.experiment}</h1>
<p class="what">${whatWasRun(run, worlds, routed)}</p>
${routed.map((world) => html`<p class="lead">${routed.length > 1 ? html`On ${world.label}: ` : ''}${routingLead(world)}</p>`)}
${aggregate === null || routed.length > 0 ? null : html`<p class="lead">${overall(aggregate)}</p>`}
${routed.length > 0 ? null : worlds.map((world) => html`<p class="lead">${winner(world, worlds.length > 1, failedOf(run, worlds))}</p>`)}
${routed.length === 1 ? routedTiles(routed[0]!) : routed.length === 0 && worlds.length === 1 ? tiles(worlds[0]!) : null}
</div>`
}

function whatWasRun(run: RunData, worlds: readonly WorldModel[], routed: readonly RoutedWorld[]): string {
  const { manifest } = run
  const steps = [...new Set(manifest.trials.map((trial) => trial.steps))].sort((a, b) => a - b)
  const views = Object.keys(manifest.environments).length
  const environments = listed([...new Set(worlds.map((world) => world.id))])
  const seconds = run.trials.reduce((total, trial) => total + (trial.seconds ?? 0), 0)
  return [
    `${plural(Object.keys(manifest.algorithms).length, 'algorithm')} on ${views === 1 ? environments : `${views} settings of ${environments}`}`,
    ...[...new Set(routed.map(({ scheme }) => scheme))],
    plural(manifest.seeds.length, 'seed'),
    `${several(steps.map(count))} environment steps a trial`,
    `discount ${manifest.discount}`,
    ...(seconds > 0 ? [`${plural(manifest.trials.length, 'trial')}, ${duration(seconds)} of learning in all`] : []),
    `${manifest.created.slice(0, 10)}`,
    `run ${manifest.hash.slice(0, 10)}`,
  ].join(' \u00b7 ')
}

/** A few amounts in full; of more, such as those of folds, the first and the last. */
function several(ascending: readonly string[]): string {
  const distinct = [...new Set(ascending)]
  return distinct.length <= 3 ? listed(distinct) : `${distinct[0]} to ${distinct.at(-1)}`
}

/** Trials that failed, where they are all of one world. */
function failedOf({ trials }: RunData, worlds: readonly WorldModel[]): number {
  return worlds.length === 1 ? trials.filter(({ result }) => result?.status === 'failed').length : 0
}

function winner(world: WorldModel, named: boolean, failed: number): Html {
  const place = named ? html`On ${world.name.replace(': ', ' (')}${world.name.includes(': ') ? ')' : ''}:` : ''
  const [best, ...others] = finishedSeries(world)
  if (best === undefined) {
    return failed > 0
      ? html`${place} ${plural(failed, 'trial')} failed, and none finished.`
      : html`${place} No trial has finished yet.`
  }
  const { summary } = best
  const format = numberText({ as: 'score', decimals: world.decimals })
  const { low, high } = summary
  const labelOf = ({ against }: Comparison) => others.find(({ id }) => id === against)!.label
  const level =
    low === null || high === null
      ? html` Of ${plural(summary.seeds, world.replicate)}: too few to tell how far others would lie.`
      : levelWith(world.comparisons.best, labelOf)
  const share = regret(summary.iqm, world)
  const alone = others.length === 0
  const [scripted] = world.policies
  const beaten =
    scripted === undefined || scripted.value <= summary.iqm
      ? ''
      : html` <strong>No learner beats the scripted policy ${scripted.name}</strong>, which scores ${format(scripted.value)}.`
  if (share === null) {
    return html`${place} <strong>${best.label}</strong> ${alone ? 'scores' : 'scores highest of the learners:'} ${format(summary.iqm)}${low === null || high === null ? '' : ` (95% interval ${format(low)} to ${format(high)})`}.${level}${beaten}`
  }
  const interval =
    low === null || high === null
      ? ''
      : ` (95% interval ${percent(regret(high, world)!)} to ${percent(regret(low, world)!)}, ${plural(summary.seeds, world.replicate)})`
  const optimum = `${world.exact ? 'exact ' : ''}optimum`
  const reached = alone
    ? `scores ${format(summary.iqm)}, where the ${optimum} is ${format(world.optimum!)}:`
    : `comes closest to the ${optimum}: ${format(summary.iqm)} where that is ${format(world.optimum!)},`
  return html`${place} <strong>${best.label}</strong> ${reached} a regret of <strong>${percent(share)}</strong>${interval}.${level}${beaten}`
}

/** Who can't be told apart from the best: whose probability of improvement has an interval that holds a half. */
function levelWith(comparisons: readonly Comparison[], labelOf: (comparison: Comparison) => string): Html | string {
  const level = comparisons.filter(({ standing }) => standing === 'level')
  const unknown = comparisons.filter(({ standing }) => standing === 'unknown')
  const few = unknown.length === 0 ? '' : ` Too few seeds to tell it from ${listed(unknown.map(labelOf))}.`
  if (level.length === 0) return few
  const chances = level.map(({ probability, low, high }) => {
    return `${probability.toFixed(2)} (${low!.toFixed(2)} to ${high!.toFixed(2)})`
  })
  const them = level.length === 1 ? 'that one' : 'them'
  return html` Take ${listed(level.map(labelOf))} as level with it: the probability that it improves on ${them} is ${listed(chances)}.${few}`
}

/** Who is best over all environments. */
function overall({ environments, iqm, comparisons }: Aggregate): Html {
  const [best] = iqm.rows
  const text = numberText(iqm.axis.numbers)
  const { low, high } = best!
  const interval = low === null || high === null ? '' : ` (95% interval ${text(low)} to ${text(high)})`
  const labelOf = ({ against }: Comparison) => iqm.rows.find(({ id }) => id === against)!.label
  return html`Over ${environments.length} environments <strong>${best!.label}</strong> has the highest interquartile mean of normalised scores: <strong>${text(best!.value)}</strong>${interval}.${levelWith(comparisons, labelOf)}`
}

function tiles(world: WorldModel): Html {
  const format = numberText({ as: 'score', decimals: world.decimals })
  const share = (score: number) => {
    const value = regret(score, world)
    return value === null ? null : `${percent(value)} regret`
  }
  const [best] = finishedSeries(world)
  const [scripted] = world.policies
  const [local] = [...world.locals].sort((a, b) => a.value - b.value)
  return html`<dl class="tiles">
${world.optimum === null ? null : tile(world.exact ? 'Exact optimum' : 'Optimum', format(world.optimum), optimumOf(world), false)}
${best === undefined ? null : tile('Best learner', format(best.summary.iqm), details(best.label, share(best.summary.iqm)), true)}
${scripted === undefined ? null : tile('Best scripted policy', format(scripted.value), details(scripted.name, share(scripted.value)), false)}
${local === undefined ? null : tile('Best local policy', format(local.value), details(local.environment, share(local.value)), false)}
${world.random === null ? null : tile('Random', format(world.random), share(world.random) ?? '', false)}
</dl>`
}

function routedTiles(world: RoutedWorld): Html {
  const { series, pair } = world
  const format = pair === null ? percent : thousandths
  const measure = pair === null ? 'quality' : 'APGR'
  const best = bestLearned(world)
  const baseline = series.find((one) => one.kind === 'baseline' && Number.isFinite(headMetric(one)))
  const known = (name: string) => ownValue(world.references, name)?.accuracy?.mean ?? null
  const single = [...world.models].sort((a, b) => (known(b) ?? 0) - (known(a) ?? 0))
  const models = pair === null ? single.slice(0, 1) : [pair.strong, pair.weak]
  return html`<dl class="tiles">
${best === undefined ? null : tile('Best learned policy', format(headMetric(best)), `${best.label}, ${measure}`, true)}
${baseline === undefined ? null : tile('Best baseline', format(headMetric(baseline)), `${baseline.label}, ${measure}`, false)}
${known('oracle') === null ? null : tile('Per-query oracle', percent(known('oracle')!), 'mean quality', false)}
${models.map((model) => (known(model) === null ? null : tile(pair === null ? 'Best single model' : `Always ${model === pair.strong ? 'strong' : 'weak'}`, percent(known(model)!), `${model}, mean quality`, false)))}
</dl>`
}

function tile(name: string, value: string, detail: string, best: boolean): Html {
  return html`<div class="tile${best ? ' best' : ''}"><dt>${name}</dt><dd class="value">${value}</dd><dd class="detail">${detail}</dd></div>`
}

function details(name: string, share: string | null): string {
  return share === null ? name : `${name}, ${share}`
}

/** "48 s", "3 min 20 s", "2 h 5 min". */
function duration(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/** What the optimum is the best of. */
function optimumOf({ horizonSteps }: WorldModel): string {
  return horizonSteps === null ? 'V* from the start' : `the best of ${plural(horizonSteps, 'step')}`
}
