import type { Comparison } from '../../model/comparisons.js'
import { numberText } from '../../model/number-style.js'
import type { WorldModel } from '../../model/report-model.js'
import { type FinishedSeries, finishedSeries } from '../../model/world.js'
import { type Html, html } from '../../page/html.js'
import { listed, percent, plural } from '../../page/numbers.js'
import type { Standing } from '../../statistics/improvement.js'
import { regret } from '../../statistics/score-scale.js'
import type { Section } from '../section.js'

/** What the run shows, in words: how close learning comes, what communication is worth, who beats the scripts. */
export function findings(worlds: readonly WorldModel[]): Section | null {
  const cards = worlds.flatMap((world) => {
    const learners = finishedSeries(world)
    const place = worlds.length > 1 ? `: ${listed(world.environments)}` : ''
    return [
      closeness(world, learners, place),
      communication(world, learners, place),
      againstScripts(world, learners, place),
    ]
  })
  const shown = cards.filter((card) => card !== null)
  if (shown.length === 0) return null
  return { id: 'findings', title: 'Findings', body: html`<div class="findings">${shown}</div>`, figures: {} }
}

function card(title: string, lead: Html, points: readonly Html[]): Html {
  const list = points.length === 0 ? null : html`<ul>${points.map((point) => html`<li>${point}</li>`)}</ul>`
  return html`<article class="card finding"><h3>${title}</h3><p class="card-lead">${lead}</p>${list}</article>`
}

function closeness(world: WorldModel, learners: readonly FinishedSeries[], place: string): Html | null {
  const share = (score: number) => regret(score, world)!
  if (learners.length === 0 || regret(learners[0]!.summary.iqm, world) === null) return null
  const near = learners.filter((learner) => share(learner.summary.iqm) <= 0.03).length
  const format = numberText({ as: 'score', decimals: world.decimals })
  return card(
    `How close learning comes${place}`,
    html`${manyOf(learners, near, ['comes', 'come', 'does not come'])} within 3% of the ${world.exact ? 'exact ' : ''}optimum (${format(world.optimum!)}), where random (${format(world.random!)}) is 100% away.`,
    learners.map(({ label, summary }) => {
      const { low, high, iqm } = summary
      const interval = low === null || high === null ? '' : ` (${percent(share(high))} to ${percent(share(low))})`
      return html`${label}: regret <strong>${percent(share(iqm))}</strong>${interval}`
    }),
  )
}

/** "3 of 5 learners come", and of one learner "The only learner does not come". */
function manyOf(
  learners: readonly FinishedSeries[],
  many: number,
  [one, several, not]: [string, string, string],
): string {
  if (learners.length === 1) return `The only learner ${many === 1 ? one : not}`
  return `${many} of ${learners.length} learners ${many === 1 ? one : several}`
}

function againstScripts(world: WorldModel, learners: readonly FinishedSeries[], place: string): Html | null {
  const [best] = world.policies
  if (best === undefined || learners.length === 0) return null
  const at = (where: Standing) =>
    learners.filter((learner) => standingOn(world.comparisons.scripted, learner) === where).map(({ label }) => label)
  const [ahead, level, behind, unknown] = [at('ahead'), at('level'), at('behind'), at('unknown')]
  const share = regret(best.value, world)
  const lead = html`The best of ${plural(world.policies.length, 'scripted policy').replace('policys', 'policies')} is <strong>${best.name}</strong>${share === null ? '' : html` (regret ${percent(share)})`}. ${
    best.value > learners[0]!.summary.iqm
      ? learners.length === 1
        ? 'The only learner scores lower.'
        : 'No learner scores as high.'
      : unknown.length === learners.length
        ? ''
        : ahead.length === learners.length
          ? `${learners.length === 1 ? 'The only' : 'Every'} learner is ahead of it.`
          : `${manyOf(learners, ahead.length, ['is', 'are', 'is not'])} ahead of it.`
  }`
  return card(`Learners against the scripts${place}`, lead, [
    ...(ahead.length > 0 ? [html`Ahead: ${listed(ahead)}`] : []),
    ...(level.length > 0 ? [html`Level with it, as far as can be told: ${listed(level)}`] : []),
    ...(behind.length > 0 ? [html`<strong>Behind: ${listed(behind)}</strong>`] : []),
    ...(unknown.length > 0 ? [html`Too few ${world.replicate}s to tell: ${listed(unknown)}`] : []),
  ])
}

function communication(world: WorldModel, learners: readonly FinishedSeries[], place: string): Html | null {
  const algorithms = [...new Set(learners.map((learner) => learner.algorithm))]
  const compared = algorithms
    .map((algorithm) => learners.filter((learner) => learner.algorithm === algorithm))
    .filter((group) => group.length > 1)
  if (compared.length === 0) return null
  const speaks = /messag|communicat/i.test(JSON.stringify(world.configs))
  const points = [
    ...world.locals.flatMap((local) => localPoints(world, learners, local)),
    ...scriptPoints(world, compared),
  ]
  const lead = compared.map((group) => html`${worth(world, group)} `)
  return card(`${speaks ? 'What communication is worth' : 'What the setting is worth'}${place}`, html`${lead}`, points)
}

/** How far apart the best and the worst setting of one algorithm end. */
function worth(world: WorldModel, group: readonly FinishedSeries[]): Html {
  const ranked = group.map((one) => ({ one, regret: regret(one.summary.iqm, world) }))
  const format = numberText({ as: 'score', decimals: world.decimals })
  const value = ({ one, regret }: (typeof ranked)[number]) =>
    regret === null ? `scores ${format(one.summary.iqm)}` : `misses ${percent(regret)}`
  const best = ranked[0]!
  const worst = ranked.at(-1)!
  const between = ranked.slice(1, -1).map((one) => ` (${one.one.environment}: ${value(one).replace(/^\w+ /, '')})`)
  const gap =
    best.regret === null || worst.regret === null
      ? format(best.one.summary.iqm - worst.one.summary.iqm)
      : points(worst.regret - best.regret)
  return html`<strong>${best.one.algorithm}</strong> ${value(worst)} on ${worst.one.environment} and ${value(best).replace(/^\w+ /, '')} on ${best.one.environment}${between}: a difference of <strong>${gap}</strong>.`
}

/** Whether it is learning or information that a learner lacks, and who gets past what local information allows. */
function localPoints(
  world: WorldModel,
  learners: readonly FinishedSeries[],
  local: WorldModel['locals'][number],
): Html[] {
  const share = regret(local.value, world)
  const format = numberText({ as: 'score', decimals: world.decimals })
  const own = learners.find((learner) => learner.environment === local.environment)
  const others = learners.filter((learner) => {
    const against = world.comparisons.locals.filter((one) => one.against === local.environment)
    return learner.environment !== local.environment && standingOn(against, learner) === 'ahead'
  })
  const told = html`The best local policy found on ${local.environment} scores ${format(local.value)}${share === null ? '' : ` (regret ${percent(share)})`}.`
  const ownShare = own === undefined ? null : regret(own.summary.iqm, world)
  const gap = ownShare === null || share === null ? null : ownShare - share
  const distance =
    own === undefined || gap === null
      ? ''
      : Math.abs(gap) <= 0.03
        ? ` ${own.algorithm} there ends within ${points(Math.abs(gap))} of it: what is missing is information, not learning.`
        : gap > 0
          ? ` ${own.algorithm} there ends ${points(gap)} short of it: learning still has room.`
          : ` ${own.algorithm} there ends ${points(-gap)} ahead of it.`
  const past = others.filter((learner) => learner.algorithm === own?.algorithm).map((learner) => learner.environment)
  return [
    html`${told}${distance}`,
    ...(past.length > 0 ? [html`On ${listed(past)}, the same algorithm gets past that policy.`] : []),
  ]
}

function scriptPoints(world: WorldModel, compared: readonly (readonly FinishedSeries[])[]): Html[] {
  const [best] = world.policies
  if (best === undefined) return []
  return compared.map((group) => {
    const where = group.map(
      (learner) => `${WORDS[standingOn(world.comparisons.scripted, learner)]} on ${learner.environment}`,
    )
    return html`Against the best scripted policy (${best.name}), ${group[0]!.algorithm} is ${listed(where)}.`
  })
}

const WORDS: { readonly [standing in Standing]: string } = {
  ahead: 'ahead',
  level: 'level',
  behind: 'behind',
  unknown: 'not to be told by so few seeds',
}

/** Where a learner stands, among comparisons with one policy. */
function standingOn(comparisons: readonly Comparison[], { id }: FinishedSeries): Standing {
  return comparisons.find(({ series }) => series === id)?.standing ?? 'unknown'
}

/** A difference of two shares, in percentage points. */
function points(difference: number): string {
  return `${(100 * difference).toFixed(1)} points`
}
