import { ModelError, ShapeError } from '../errors.js'
import type { PolicyBatch } from '../policy.js'

/**
 * A finite Markov decision process in compressed rows. Row s * A + a lists the outcomes of action a in state s.
 * Gamma belongs to the solver, not to the model.
 */
export interface TabularMdp {
  readonly numStates: number
  readonly numActions: number
  /** i32 [S * A + 1]; row r is the entries rowStart[r]..rowStart[r+1]-1; an empty row is an illegal action. */
  readonly rowStart: Int32Array
  /** i32 [nonzeros], successor states, ascending within a row. */
  readonly successor: Int32Array
  /** f64 [nonzeros], each row sums to 1. */
  readonly probability: Float64Array
  /**
   * f64 [nonzeros], time that each outcome takes, > 0: what follows it is discounted by gamma^elapsed. Left out where every step takes
   * time 1. A successor reached in several times has an entry for each.
   */
  readonly elapsed?: Float64Array
  /** f64 [S * A], expected reward; of a team, its score as spec.score aggregates it. */
  readonly reward: Float64Array
  /** Expected costs by their names, f64 [S * A] each; left out where spec.costs names none. */
  readonly costs?: { readonly [name: string]: Float64Array }
  /** u8 [S], 1 = terminal: value 0, no legal actions. */
  readonly terminal: Uint8Array
  /** f64 [S], distribution over start states. */
  readonly start: Float64Array
  /** i32 [S], the environment's own number of each state. */
  readonly stateIds: Int32Array
  /** All actions, in the order in which plans choose one of equally good ones. Default: by their numbers. */
  readonly tieOrder?: readonly number[]
}

/** A joint model of several agents: actions are joint actions, the last agent's fastest. */
export interface JointMdp extends TabularMdp {
  /** i32 [N * H], actions of each agent's choices, at least 1; numActions is their product. */
  readonly actionsOf: Int32Array
  /**
   * [N][S * A], expected reward of each agent. The same array as `reward` where that is every agent's (a single agent, a `shared`
   * score), so that it takes no memory of its own.
   */
  readonly agentReward: readonly Float64Array[]
  /** What the agents see in each state, one row a state: policies act on it as they do on a `VectorEnv`. */
  readonly batch: PolicyBatch
}

/** What a model may hold beside one reward a row. */
export interface ModelExtras {
  /** Arrays of one number a row: rewards of agents that have their own, and costs. Default 0. */
  readonly perRow?: number
  /** Whether steps have durations. Default false. */
  readonly durations?: boolean
}

/** Bytes of a model's arrays. */
export function modelBytes(
  numStates: number,
  numActions: number,
  transitions: number,
  { perRow = 0, durations = false }: ModelExtras = {},
): number {
  const aState = 1 + 8 + 4
  const aRow = 4 + 8 + 8 * perRow
  const aTransition = 4 + 8 + (durations ? 8 : 0)
  return numStates * aState + numStates * numActions * aRow + transitions * aTransition
}

const ROW_SUM_TOLERANCE = 1e-9

/**
 * Checks every invariant of the model.
 * @throws ShapeError when array lengths don't match
 * @throws ModelError when a row doesn't sum to 1, a number isn't finite, a live state has no action, or a terminal one has
 */
export function checkMdp(mdp: TabularMdp & Partial<Pick<JointMdp, 'agentReward' | 'actionsOf' | 'batch'>>): void {
  const { numStates, numActions, rowStart, successor, probability, reward, terminal, start, stateIds } = mdp
  const perRow = rowNumbers(mdp)
  const lengths: [string, number, number][] = [
    ['rowStart', rowStart.length, numStates * numActions + 1],
    ['reward', reward.length, numStates * numActions],
    [
      'agentReward',
      mdp.agentReward?.length ?? 0,
      mdp.agentReward === undefined ? 0 : (mdp.batch?.layout.agents ?? mdp.actionsOf?.length ?? 1),
    ],
    ...perRow.map(({ name, values }): [string, number, number] => [name, values.length, numStates * numActions]),
    ['elapsed', mdp.elapsed?.length ?? successor.length, successor.length],
    ['terminal', terminal.length, numStates],
    ['start', start.length, numStates],
    ['stateIds', stateIds.length, numStates],
    ['probability', probability.length, successor.length],
    ['rowStart[last]', rowStart.at(-1)!, successor.length],
  ]
  for (const [name, got, expected] of lengths) {
    if (got !== expected) throw new ShapeError(`TabularMdp.${name}: expected ${expected}, got ${got}`)
  }
  for (let s = 0; s < numStates; s++) checkState(mdp, s)
  for (const { name, values } of perRow) {
    const row = values.findIndex((value) => !Number.isFinite(value))
    if (row >= 0) throw new ModelError(`${name} of ${rowName(mdp, row)} is ${values[row]}, expected a finite number`)
  }
  checkDistribution(() => 'the start distribution', start, 0, numStates)
}

/** Arrays of one number a row beside `reward`. */
function rowNumbers({
  reward,
  agentReward = [],
  costs = {},
}: TabularMdp & Partial<Pick<JointMdp, 'agentReward'>>): { name: string; values: Float64Array }[] {
  return [
    ...agentReward
      .map((values, i) => ({ name: `agentReward[${i}]`, values }))
      .filter(({ values }) => values !== reward),
    ...Object.entries(costs).map(([name, values]) => ({ name: `costs.${name}`, values })),
  ]
}

function rowName({ numActions, stateIds }: TabularMdp, row: number): string {
  return `state ${stateIds[Math.floor(row / numActions)]} action ${row % numActions}`
}

function checkState(mdp: TabularMdp, s: number): void {
  const { numStates, numActions, rowStart, successor, probability, reward, elapsed } = mdp
  let legal = 0
  for (let a = 0; a < numActions; a++) {
    const row = s * numActions + a
    const from = rowStart[row]!
    const to = rowStart[row + 1]!
    if (from === to) continue
    legal++
    const name = () => rowName(mdp, row)
    checkDistribution(() => `the probabilities of ${name()}`, probability, from, to)
    if (!Number.isFinite(reward[row])) throw new ModelError(`the reward of ${name()} is ${reward[row]}`)
    for (let k = from; k < to; k++) {
      const next = successor[k]!
      if (!(next >= 0 && next < numStates)) {
        throw new ModelError(`${name()} leads to state ${next}, outside the model`)
      }
      if (elapsed !== undefined && !(elapsed[k]! > 0 && elapsed[k]! < Number.POSITIVE_INFINITY)) {
        throw new ModelError(`${name()} to state ${next}: elapsed is ${elapsed[k]}, expected a positive, finite time`)
      }
    }
  }
  if (mdp.terminal[s] === 1 && legal > 0) {
    throw new ModelError(`terminal state ${mdp.stateIds[s]} has ${legal} legal actions, expected none`)
  }
  if (mdp.terminal[s] === 0 && legal === 0) {
    throw new ModelError(`state ${mdp.stateIds[s]} has no legal action and isn't terminal`)
  }
}

/**
 * @param name - of the entries; made only where it is told: models have millions of rows
 * @throws ModelError unless the entries are at least 0 and sum to 1; it says which is wrong, or by how much the sum is
 */
function checkDistribution(name: () => string, values: Float64Array, from: number, to: number): void {
  let sum = 0
  for (let k = from; k < to; k++) {
    const p = values[k]!
    if (!(p >= 0)) throw new ModelError(`${name()}: entry ${k - from} is ${p}, expected a probability`)
    sum += p
  }
  if (Math.abs(sum - 1) > ROW_SUM_TOLERANCE) {
    throw new ModelError(`${name()} sum to ${sum}, expected 1 (off by ${(sum - 1).toExponential(2)})`)
  }
}
