import { type Improvement, improvement, type Standing, standingOf } from '../statistics/improvement.js'
import { type FinishedSeries, finishedSeries, type World } from './world.js'

/** How likely one learner's score is higher than another's, or than that of a policy with one value. */
export interface Comparison extends Improvement {
  /** Id of the series. */
  readonly series: string
  /** Id of the other series, or the name of the policy. */
  readonly against: string
  readonly standing: Standing
}

/** Who is ahead of whom: by the probability of improvement and its 95% interval. */
export interface Comparisons {
  /** The learner with the best interquartile mean against each of the others, best first. */
  readonly best: readonly Comparison[]
  /** Each learner against the best scripted policy. */
  readonly scripted: readonly Comparison[]
  /** Each learner against each of the best local policies. */
  readonly locals: readonly Comparison[]
}

/** The comparisons of a world's learners; scores within its resolution are ties. */
export function comparisonsOf(world: World): Comparisons {
  const learners = finishedSeries(world)
  const [best, ...others] = learners
  const [script] = world.policies
  return {
    best: best === undefined ? [] : others.map((other) => compared(best, other.id, other.scores, world, false)),
    scripted:
      script === undefined ? [] : learners.map((one) => compared(one, script.name, [script.value], world, true)),
    locals: world.locals.flatMap(({ environment, value }) =>
      learners.map((one) => compared(one, environment, [value], world, true)),
    ),
  }
}

function compared(
  series: FinishedSeries,
  against: string,
  scores: readonly number[],
  { resolution }: World,
  exact: boolean,
): Comparison {
  const stream = `${series.label}/${against}`
  const found = improvement([series.scores], [scores], { stream, resolution, exact })
  return { series: series.id, against, ...found, standing: standingOf(found) }
}
