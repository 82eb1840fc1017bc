import seedrandom from 'seedrandom'
import { ShapeError } from '#env/errors.js'
import { jointBootstrap } from './bootstrap.js'
import { interquartileMean } from './interquartile-mean.js'
import { FEWEST_SEEDS, NO_INTERVAL } from './summarise.js'

/** Scores of policies in one environment on the same episodes. */
export interface PairedTask {
  /** Policy by policy, [episodes]: episode k has the same seed for all. */
  readonly scores: readonly ArrayLike<number>[]
}

/** A value with its bootstrap 95% interval, null of fewer than `FEWEST_SEEDS` episodes. */
export interface EstimatedValue {
  readonly value: number
  readonly low: number | null
  readonly high: number | null
}

/** One policy over one or several environments. */
export interface PairedAggregate {
  /** Interquartile mean over environments of its mean score. */
  readonly iqm: EstimatedValue
  /** How far that is ahead of the best policy; null of the best one itself. */
  readonly difference: EstimatedValue | null
  /** Share of episodes in which it scores higher than the best on the same seed, ties half, averaged over environments. */
  readonly improvement: EstimatedValue | null
  /** Share of environments whose mean score is above each of `PROFILE_THRESHOLDS`: of normalised scores. */
  readonly profile: readonly number[]
}

/** Normalised scores at which performance profiles are given as numbers. */
export const PROFILE_THRESHOLDS = [0.25, 0.5, 0.75, 0.9, 0.95, 0.99] as const

/**
 * Policies over environments, held against the one with the highest interquartile mean. A policy's score in an environment is the
 * mean over its episodes, so that an environment counts once, however its episodes are spread; with one environment that mean is
 * all. The same episodes are drawn for all policies, so that what makes a seed easy cancels out of differences; and the same
 * ones in all environments that have equally many, as variants of one environment play a seed alike.
 * @param tasks - each with a score of every policy on every episode
 * @param stream - seeds the resampling
 * @returns the place of the best policy, and all of them in the order given
 * @throws ShapeError when there is no task, or policies or episodes differ in number
 */
export function pairedAggregate(
  tasks: readonly PairedTask[],
  stream: string,
  repetitions = 1000,
): { readonly best: number; readonly policies: readonly PairedAggregate[] } {
  const policies = tasks[0]?.scores.length ?? 0
  const sizes = tasks.map(({ scores }) => scores[0]?.length ?? 0)
  const whole = tasks.every(({ scores }, t) => {
    return scores.length === policies && scores.every(({ length }) => length > 0 && length === sizes[t])
  })
  if (policies === 0 || !whole) {
    throw new ShapeError('pairedAggregate: expected scores of the same policies on the same episodes in every task')
  }
  const each = Array.from({ length: policies }, (_, policy) => policy)
  const iqmsOf = (episodes: readonly Int32Array[]) =>
    each.map((policy) => interquartileMean(tasks.map(({ scores }, t) => meanAt(scores[policy]!, episodes[t]!))))
  const all = sizes.map((size) => Int32Array.from({ length: size }, (_, episode) => episode))
  const best = iqmsOf(all).reduce((most, iqm, policy, iqms) => (iqm > iqms[most]! ? policy : most), 0)
  // Of each policy: its interquartile mean, how far that is ahead, and how often it is.
  const statistics = (episodes: readonly Int32Array[], out: Float64Array) => {
    const iqms = iqmsOf(episodes)
    for (const policy of each) {
      out[3 * policy] = iqms[policy]!
      out[3 * policy + 1] = iqms[policy]! - iqms[best]!
      let ahead = 0
      for (const [t, { scores }] of tasks.entries()) ahead += shareAhead(scores[policy]!, scores[best]!, episodes[t]!)
      out[3 * policy + 2] = ahead / tasks.length
    }
  }
  const values = new Float64Array(3 * policies)
  statistics(all, values)
  const uniform = seedrandom.alea(`bootstrap/paired/${stream}`)
  const intervals = sizes.some((size) => size < FEWEST_SEEDS)
    ? null
    : new Set(sizes).size === 1
      ? jointBootstrap(
          sizes.slice(0, 1),
          ([episodes], out) => statistics(new Array<Int32Array>(tasks.length).fill(episodes!), out),
          values.length,
          { uniform, repetitions },
        )
      : jointBootstrap(sizes, statistics, values.length, { uniform, repetitions })
  const estimated = (place: number): EstimatedValue => {
    return { value: values[place]!, ...(intervals === null ? NO_INTERVAL : intervals[place]!) }
  }
  return {
    best,
    policies: each.map((policy): PairedAggregate => {
      const means = tasks.map(({ scores }, t) => meanAt(scores[policy]!, all[t]!))
      return {
        iqm: estimated(3 * policy),
        difference: policy === best ? null : estimated(3 * policy + 1),
        improvement: policy === best ? null : estimated(3 * policy + 2),
        profile: PROFILE_THRESHOLDS.map((threshold) => means.filter((one) => one > threshold).length / means.length),
      }
    }),
  }
}

function meanAt(scores: ArrayLike<number>, episodes: Int32Array): number {
  let sum = 0
  for (let i = 0; i < episodes.length; i++) sum += scores[episodes[i]!]!
  return sum / episodes.length
}

/** Share of pairs in which the first scores higher; ties count half. */
function shareAhead(x: ArrayLike<number>, y: ArrayLike<number>, episodes: Int32Array): number {
  let wins = 0
  for (let i = 0; i < episodes.length; i++) {
    const difference = x[episodes[i]!]! - y[episodes[i]!]!
    wins += difference > 0 ? 1 : difference < 0 ? 0 : 0.5
  }
  return wins / episodes.length
}
