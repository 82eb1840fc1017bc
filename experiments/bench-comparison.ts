import { type EstimatedValue, PROFILE_THRESHOLDS, pairedAggregate } from '#results/statistics/paired-aggregate.js'
import { normalisedScore, rangeOf, type ScoreScale } from '#results/statistics/score-scale.js'

/** What a policy scored in one environment, episode by episode. */
export interface PlayedPolicy {
  readonly policy: string
  readonly environment: string
  /** Episode k has the same seed for all policies of the environment. */
  readonly scores: Float64Array
  /** Null where no optimum is known. */
  readonly scale: ScoreScale | null
}

/** A policy against the best one of its environment, on the same episodes as pairs. */
export interface BenchDifference {
  readonly environment: string
  readonly policy: string
  /** The policy with the highest mean score there. */
  readonly against: string
  /** Mean of the differences of scores, episode by episode, with its bootstrap 95% interval; null of too few episodes. */
  readonly difference: number
  readonly low: number | null
  readonly high: number | null
  /** Share of episodes in which it scores higher than the best, ties half. */
  readonly improvement: EstimatedValue
}

/** A policy over several environments, by normalised scores: 1 is the optimum, 0 acting at random. */
export interface BenchAggregateRow {
  readonly policy: string
  /** Interquartile mean over environments of its mean scores. */
  readonly iqm: EstimatedValue
  /** How far that is ahead of the best policy's, on the same episodes; null of the best policy itself. */
  readonly difference: EstimatedValue | null
  readonly improvement: EstimatedValue | null
  /** Share of environments whose mean score lies above. */
  readonly profile: readonly { readonly above: number; readonly share: number }[]
}

export interface BenchAggregate {
  readonly environments: readonly string[]
  /** The policy with the highest interquartile mean. */
  readonly against: string
  /** Best first. */
  readonly policies: readonly BenchAggregateRow[]
  /** Environments without a known scale or a second policy, and policies that don't play in all the others. */
  readonly leftOut: { readonly environments: readonly string[]; readonly policies: readonly string[] }
}

/** Every policy but the best of each environment, held against that. */
export function benchDifferences(played: readonly PlayedPolicy[], stream: string): BenchDifference[] {
  return [...new Set(played.map(({ environment }) => environment))].flatMap((environment) => {
    const here = played.filter((one) => one.environment === environment)
    if (here.length < 2) return []
    const { best, policies } = pairedAggregate(
      [{ scores: here.map(({ scores }) => scores) }],
      `${stream}/${environment}`,
    )
    return policies.flatMap(({ difference, improvement }, i): BenchDifference[] => {
      if (difference === null || improvement === null) return []
      const { value, low, high } = difference
      const against = here[best]!.policy
      return [{ environment, policy: here[i]!.policy, against, difference: value, low, high, improvement }]
    })
  })
}

/** The policies that play in all environments with a known scale; null where these aren't two of each. */
export function benchAggregate(played: readonly PlayedPolicy[], stream: string): BenchAggregate | null {
  const known = played.filter(({ scale }) => scale !== null && rangeOf(scale) !== null)
  const environments = [...new Set(known.map(({ environment }) => environment))].filter((label) => {
    return known.filter(({ environment }) => environment === label).length > 1
  })
  const find = (policy: string, environment: string) =>
    known.find((one) => one.policy === policy && one.environment === environment)
  const names = [...new Set(played.map(({ policy }) => policy))]
  const whole = names.filter((policy) => environments.every((environment) => find(policy, environment) !== undefined))
  if (environments.length < 2 || whole.length < 2) return null
  const tasks = environments.map((environment) => ({
    scores: whole.map((policy) => {
      const { scores, scale } = find(policy, environment)!
      return scores.map((score) => normalisedScore(score, scale!)!)
    }),
  }))
  const { best, policies } = pairedAggregate(tasks, `${stream}/all`)
  return {
    environments,
    against: whole[best]!,
    policies: policies
      .map(
        ({ profile, ...rest }, i): BenchAggregateRow => ({
          policy: whole[i]!,
          ...rest,
          profile: PROFILE_THRESHOLDS.map((above, k) => ({ above, share: profile[k]! })),
        }),
      )
      .sort((a, b) => b.iqm.value - a.iqm.value),
    leftOut: {
      environments: [...new Set(played.map(({ environment }) => environment))].filter(
        (one) => !environments.includes(one),
      ),
      policies: names.filter((one) => !whole.includes(one)),
    },
  }
}
