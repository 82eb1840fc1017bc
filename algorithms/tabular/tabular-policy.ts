import type { Policy, PolicyBatch, PolicyExport } from '#env/policy.js'
import type { Rng } from '#env/rng.js'
import { isActing } from '#env/space.js'
import { type EnvSpec, layoutOf, ownView } from '#env/spec.js'
import { greedyAction } from '../greedy-action.js'
import { AgentTables } from './agent-tables.js'
import { isLegal, type JointActions, jointActions } from './joint-actions.js'

/**
 * Acts greedily on one table an agent, indexed by the agent's own observation; ties go to the lowest action.
 * It reads the learner's table, so it follows further learning.
 */
export class IndependentTabularPolicy implements Policy {
  readonly observes: 'local' | 'messages'
  readonly #values: Float64Array
  readonly #tables: AgentTables
  readonly #heads: number
  readonly #agreed: Int32Array | undefined
  /** Whose tables they are; undefined: all agents'. */
  readonly #agents: readonly number[] | undefined

  /**
   * @param values - f64, tables as `AgentTables` lays them out for these agents
   * @param agreed - i32, one a row of the tables: the action that is taken of several that are best, -1 = the lowest
   * @param agents - whose tables they are; all unless told. Others take action 0, and no action of theirs has a score.
   */
  constructor(spec: EnvSpec, values: Float64Array, agreed?: Int32Array, agents?: readonly number[]) {
    this.#agreed = agreed
    this.#agents = agents === undefined || agents.length === spec.agents.length ? undefined : agents
    this.observes = ownView(spec)
    this.#values = values
    this.#tables = new AgentTables(spec, agents)
    this.#heads = layoutOf(spec).heads
  }

  act(batch: PolicyBatch, _rng: Rng, out: Int32Array): void {
    const { width } = this.#tables
    for (let c = 0; c < out.length; c++) {
      const row = this.#rowOf(batch, c)
      if (row < 0) {
        out[c] = 0
        continue
      }
      const agreed = this.#agreed?.[row / width] ?? -1
      out[c] = agreedAction(this.#values, row, agreed, batch.mask, c * width, width)
    }
  }

  scores(batch: PolicyBatch, out: Float64Array): void {
    const { width } = this.#tables
    for (let c = 0, first = 0; first < out.length; c++, first += width) {
      const row = this.#rowOf(batch, c)
      for (let a = 0; a < width; a++) {
        const legal = row >= 0 && batch.mask[first + a] === 1
        out[first + a] = legal ? this.#values[row + a]! : Number.NEGATIVE_INFINITY
      }
    }
  }

  export(): PolicyExport {
    const { offset, width } = this.#tables
    const values = this.#values.slice()
    // A bundle holds values only: what is agreed on stands out by the last bit.
    this.#agreed?.forEach((action, row) => {
      const at = row * width + action
      if (action >= 0) values[at] = values[at]! + Math.max(Math.abs(values[at]!) * 2 ** -52, Number.MIN_VALUE)
    })
    const agents = this.#agents
    const tables = Array.from(offset.subarray(1), (end, choice) => {
      const data = values.slice(offset[choice]!, end)
      return [`q.${choice}`, { shape: [data.length / width, width], data }] as const
    }).filter((_, choice) => agents?.includes(Math.floor(choice / this.#heads)) ?? true)
    const details = { tables: 'independent', ...(agents === undefined ? {} : { agents: [...agents] }) }
    return { kind: 'tabular', details, tensors: Object.fromEntries(tables) }
  }

  /** Where the values of choice c of a batch begin; -1 where nothing is to be chosen. */
  #rowOf(batch: PolicyBatch, c: number): number {
    const { width, count } = this.#tables
    const choice = c % count.length
    if (count[choice] === 0 || !isActing(batch.mask, c * width, width)) return -1
    return this.#tables.row(choice, batch.observationId[Math.floor(c / this.#heads)]!)
  }
}

/**
 * The action agreed on where it is legal and none is better, else the legal action of highest value, ties to the lowest.
 * @param agreed - an action, or -1
 */
export function agreedAction(
  values: Float64Array,
  row: number,
  agreed: number,
  mask: Uint8Array,
  maskRow: number,
  n: number,
): number {
  const best = greedyAction(values, row, mask, maskRow, n)
  const stays = agreed >= 0 && mask[maskRow + agreed] === 1 && values[row + agreed]! >= values[row + best]!
  return stays ? agreed : best
}

/** Acts greedily on one table of joint actions, indexed by the state; ties go to the lowest joint action. */
export class JointTabularPolicy implements Policy {
  readonly observes = 'global'
  readonly #spec: EnvSpec
  readonly #values: Float64Array
  readonly #agents: readonly number[]
  readonly #joint: JointActions

  /**
   * @param values - f64 [S, J], J the number of joint actions; illegal ones may be -Infinity
   * @param agents - whose joint actions they are; all unless told. It writes the actions of no others.
   */
  constructor(spec: EnvSpec, values: Float64Array, agents: readonly number[] = spec.agents.map((_, i) => i)) {
    this.#spec = spec
    this.#values = values
    this.#agents = agents
    this.#joint = jointActions(spec, agents)
  }

  act(batch: PolicyBatch, _rng: Rng, out: Int32Array): void {
    const { actionsOf, numActions } = batch.layout
    const all = actionsOf.length
    const { count, choices, placeOf, actionOf } = this.#joint
    for (let row = 0; row < batch.size; row++) {
      const entry = batch.stateId[row]! * count
      let best = -1
      for (let j = 0; j < count; j++) {
        if (best >= 0 && !(this.#values[entry + j]! > this.#values[entry + best]!)) continue
        if (isLegal(this.#joint, j, batch.mask, row * all * numActions, numActions)) best = j
      }
      // Some joint action is always legal: who can't act does 0.
      for (let i = 0; i < choices; i++) out[row * all + placeOf[i]!] = actionOf[best * choices + i]!
    }
  }

  /** An agent's score for an action: the best legal joint action that contains it. */
  scores(batch: PolicyBatch, out: Float64Array): void {
    const { actionsOf, numActions } = batch.layout
    const all = actionsOf.length
    const { count, choices, placeOf, actionOf } = this.#joint
    out.fill(Number.NEGATIVE_INFINITY, 0, batch.size * all * numActions)
    for (let row = 0; row < batch.size; row++) {
      const entry = batch.stateId[row]! * count
      for (let j = 0; j < count; j++) {
        if (!isLegal(this.#joint, j, batch.mask, row * all * numActions, numActions)) continue
        for (let i = 0; i < choices; i++) {
          const k = (row * all + placeOf[i]!) * numActions + actionOf[j * choices + i]!
          if (batch.mask[k] === 1) out[k] = Math.max(out[k]!, this.#values[entry + j]!)
        }
      }
    }
  }

  export(): PolicyExport {
    const shape = [this.#spec.numStates, this.#joint.count]
    const everyone = this.#agents.length === this.#spec.agents.length
    const details = { tables: 'joint', ...(everyone ? {} : { agents: [...this.#agents] }) }
    return { kind: 'tabular', details, tensors: { q: { shape, data: this.#values.slice() } } }
  }
}
