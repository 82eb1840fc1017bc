import { type OutcomeTable, TableEnv } from '../mdp/table-env.js'
import { Rng } from '../rng.js'
import { type GarnetConfig, garnetConfig } from './config.js'

export const GARNET_VERSION = '1'

/**
 * A Garnet, a random sparse problem (Archibald, McKinnon and Thomas 1995), in the stationary form that is now usual. Authors
 * draw rewards in different ways; here they are uniform and belong to state and action.
 *
 * Actions: 0..actions-1, all legal everywhere. State and observation: 0..states-1; as a vector, one-hot.
 * Each state and action leads to `branching` different states, every set equally likely, with the probabilities that
 * branching - 1 uniform cuts make of [0, 1]. Its reward is uniform in [0, 1) and certain.
 * Start: uniform over the states. End: never terminated; truncated after `limitSteps` steps.
 * All is drawn from `seed`, state by state and action by action: successors, cuts, reward. The draws of an episode come
 * from its own seed.
 * Versions: 1, first.
 */
export class Garnet extends TableEnv {
  constructor(config: GarnetConfig = garnetConfig.parse({})) {
    super(garnetTable(config), {
      id: 'garnet',
      version: GARNET_VERSION,
      limitSteps: config.limitSteps,
      limitAs: 'truncated',
    })
  }
}

function garnetTable({ states, actions, branching, seed }: GarnetConfig): OutcomeTable {
  const rng = new Rng(`garnet/${seed}`)
  const rows = states * actions
  const successor = new Int32Array(rows * branching)
  const probability = new Float64Array(rows * branching)
  const reward = new Float64Array(rows * branching)
  const shuffled = Int32Array.from({ length: states }, (_, state) => state)
  for (let row = 0, from = 0; row < rows; row++, from += branching) {
    const to = from + branching
    drawDistinct(shuffled, rng, successor.subarray(from, to))
    drawParts(rng, probability.subarray(from, to))
    reward.fill(rng.uniform(), from, to)
  }
  return {
    numStates: states,
    actionLabels: Array.from({ length: actions }, (_, action) => `action ${action}`),
    rowStart: Int32Array.from({ length: rows + 1 }, (_, row) => row * branching),
    successor,
    probability,
    reward,
    terminal: new Uint8Array(states),
    start: new Float64Array(states).fill(1 / states),
  }
}

/** Different states in ascending order: the first steps of a Fisher-Yates shuffle, which goes on from row to row. */
function drawDistinct(shuffled: Int32Array, rng: Rng, out: Int32Array): void {
  for (let i = 0; i < out.length; i++) {
    const j = i + rng.integer(shuffled.length - i)
    const drawn = shuffled[j]!
    shuffled[j] = shuffled[i]!
    shuffled[i] = drawn
    out[i] = drawn
  }
  out.sort()
}

/** The lengths of the parts into which uniform cuts divide [0, 1]. */
function drawParts(rng: Rng, out: Float64Array): void {
  const last = out.length - 1
  for (let i = 0; i < last; i++) out[i] = rng.uniform()
  out[last] = 1
  out.sort()
  for (let i = last; i > 0; i--) out[i]! -= out[i - 1]!
}
