/**
 * The best deterministic memoryless policy of a small team whose agents see only their own observations: coordinate ascent
 * with exact evaluation from many starts (best-response dynamics of Nair et al. 2003, JESP, on memoryless tables). A local
 * optimum need not be the best there is; the spread over starts says how far to trust it.
 */
import { ModelError, ShapeError } from '#env/errors.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import type { Policy } from '#env/policy.js'
import type { Rng } from '#env/rng.js'
import type { EnvSpec } from '#env/spec.js'
import { AgentTables } from '../../tabular/agent-tables.js'
import { IndependentTabularPolicy } from '../../tabular/tabular-policy.js'
import { LocalAscent } from './local-ascent.js'
import { type LocalDecisions, localDecisions } from './local-decisions.js'
import { projectedTables } from './projected-tables.js'

/** One table an agent: i32 [numObservations], the action for each of its observations. */
export type LocalTables = readonly Int32Array[]

export interface BestDecentralisedOptions {
  /** gamma, in [0, 1). */
  readonly discount: number
  /** Number of starts, 1 or more: the optimum seen through each agent's eyes, `initial`, then random tables. */
  readonly starts: number
  readonly rng: Rng
  /** Tables to start from as well. */
  readonly initial?: readonly LocalTables[]
  /** Most rounds over the agents from one start. Default 1000. */
  readonly maxRounds?: number
}

export interface BestDecentralisedResult {
  /** Value of the best tables under the model's start distribution, reward units. */
  readonly value: number
  readonly tables: LocalTables
  /** Value reached from each start, in the order of the starts. */
  readonly starts: readonly number[]
  readonly policy: Policy
}

/**
 * @param spec - of the environment that the model was made from
 * @throws ModelError when the discount isn't in [0, 1), or observations don't decide which actions are legal
 * @throws NotEnumerableError when an agent's observations aren't numbered
 * @throws IterationLimitError when a start takes more than maxRounds rounds
 */
export function bestDecentralisedPolicy(
  mdp: JointMdp,
  spec: EnvSpec,
  options: BestDecentralisedOptions,
): BestDecentralisedResult {
  const { discount, starts, rng, initial = [], maxRounds = 1000 } = options
  if (!Number.isInteger(starts) || starts < 1) {
    throw new ModelError(`bestDecentralisedPolicy: expected 1 or more starts, got ${starts}`)
  }
  const decisions = localDecisions(mdp, spec)
  for (const tables of initial) checkTables(tables, decisions)
  const ascent = new LocalAscent(mdp, decisions, discount)
  const values: number[] = []
  let best: LocalTables = []
  for (let k = 0; k < starts; k++) {
    const from = k === 0 ? projectedTables(mdp, decisions, discount) : (initial[k - 1] ?? randomTables(decisions, rng))
    const value = ascent.climb(from, maxRounds)
    if (values.every((other) => value > other)) best = ascent.tables
    values.push(value)
  }
  return { value: Math.max(...values), tables: best, starts: values, policy: tablePolicy(spec, best) }
}

/** Tables as a policy that can be saved: each agent scores its table's action 1 and the others 0. */
export function tablePolicy(spec: EnvSpec, tables: LocalTables): Policy {
  const { offset, width, length } = new AgentTables(spec)
  const scores = new Float64Array(length)
  tables.forEach((table, i) => {
    table.forEach((action, o) => {
      scores[offset[i]! + o * width + action] = 1
    })
  })
  return new IndependentTabularPolicy(spec, scores)
}

function randomTables(decisions: readonly LocalDecisions[], rng: Rng): LocalTables {
  return decisions.map(({ legal }) => Int32Array.from(legal, (actions) => actions[rng.integer(actions.length)]!))
}

function checkTables(tables: LocalTables, decisions: readonly LocalDecisions[]): void {
  decisions.forEach(({ numObservations, legal }, i) => {
    const table = tables[i]
    if (tables.length !== decisions.length || table?.length !== numObservations) {
      throw new ShapeError(
        `bestDecentralisedPolicy: initial tables: expected ${decisions.length} tables, agent ${i}'s with ${numObservations} entries, got ${table?.length ?? 'none'}`,
      )
    }
    table.forEach((action, o) => {
      if (legal[o]!.includes(action)) return
      throw new ModelError(
        `bestDecentralisedPolicy: initial tables: agent ${i} observation ${o}: action ${action} isn't legal (${legal[o]!.join(', ')})`,
      )
    })
  })
}
