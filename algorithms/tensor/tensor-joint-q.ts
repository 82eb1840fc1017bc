import { NotEnumerableError } from '#env/errors.js'
import type { Policy } from '#env/policy.js'
import { type AgentViews, type TransitionBatch, teamDiscounts } from '#env/transition-batch.js'
import type { LearnerContext, LearnerState } from '../learner.js'
import { isLegal, type JointActions, jointActions, jointIndex } from '../tabular/joint-actions.js'
import type { LearningConfig } from '../tabular/learning-config.js'
import { JointTabularPolicy } from '../tabular/tabular-policy.js'
import { teamWeights } from '../team-weights.js'
import type { TensorBackend } from './backend.js'
import { TensorGroup } from './tensor-group.js'
import { TensorTable } from './tensor-table.js'

/**
 * Q-learning on joint actions (tabular/joint-action-q.ts) on tensors: every row of every seed in one update, tables
 * [seeds, S, J]. Entries of illegal joint actions are marked in the table when a seed first visits their state.
 */
export class TensorJointQ extends TensorGroup {
  readonly #rows: number
  readonly #numStates: number
  readonly #joint: JointActions
  readonly #weight: Float64Array
  /** u8 [S, J], 1 = legal; of states that some seed has visited. */
  readonly #isLegal: Uint8Array
  /** i32 [seeds, S], legal joint actions of a state; 0 = not visited by this seed. */
  readonly #legal: Int32Array
  /** Entries of states visited since the table last knew. */
  #forbidden: number[] = []
  /** f64 [E] */
  readonly #discounts: Float64Array
  /** Of the seeds' rows in order, and an idle one at the end: [M] with M = seeds * E + 1. */
  readonly #row: Int32Array
  readonly #entry: Int32Array
  readonly #nextRow: Int32Array
  readonly #reward: Float32Array
  readonly #discount: Float32Array
  readonly #rate: Float32Array
  readonly #greedy: Uint8Array

  /** @throws NotEnumerableError when states aren't numbered, there are too many joint actions, or tables are too large */
  constructor(contexts: readonly LearnerContext[], config: LearningConfig, backend: TensorBackend) {
    const { spec, rows, agents } = contexts[0]!
    if (spec.numStates < 1) {
      throw new NotEnumerableError(`joint-action-q: ${spec.id} has no numbered states, which a table needs`)
    }
    const joint = jointActions(spec, agents)
    const seeds = contexts.length
    const updates = seeds * rows + 1
    const table = new TensorTable(backend, seeds * spec.numStates, joint.count, updates, config.initialValue)
    super(contexts, table, config, spec.numStates * joint.count, rows)
    this.#rows = rows
    this.#numStates = spec.numStates
    this.#joint = joint
    this.#weight = teamWeights(contexts[0]!)
    this.#isLegal = new Uint8Array(spec.numStates * joint.count)
    this.#legal = new Int32Array(seeds * spec.numStates)
    this.#discounts = new Float64Array(rows)
    this.#row = new Int32Array(updates).fill(table.idleRow)
    this.#entry = new Int32Array(updates).fill(table.sink)
    this.#nextRow = new Int32Array(updates).fill(table.idleRow)
    this.#reward = new Float32Array(updates)
    this.#discount = new Float32Array(updates)
    this.#rate = new Float32Array(updates)
    this.#greedy = new Uint8Array(updates)
  }

  async act(batches: readonly AgentViews[], actions: readonly Int32Array[]): Promise<void> {
    this.begin()
    let asked = false
    let at = 0
    for (let g = 0; g < batches.length; g++) {
      const { stateId } = batches[g]!
      const { rng } = this.contexts[g]!
      const epsilon = this.epsilonOf(g)
      for (let row = 0; row < this.#rows; row++, at++) {
        this.#greedy[at] = 0
        this.#row[at] = this.table.idleRow
        if (this.active[g] === 0) continue
        const state = this.checked(stateId[row]!, this.#numStates, g, 'stateId')
        const legal = this.#visit(g, state, row, batches[g]!)
        this.#row[at] = g * this.#numStates + state
        if (rng.uniform() < epsilon) {
          this.#write(actions[g]!, row, this.#nth(state, rng.integer(legal)))
        } else {
          this.#greedy[at] = 1
          asked = true
        }
      }
    }
    this.#tellForbidden()
    if (!asked) return
    const best = await this.table.best(this.#row, null)
    for (at = 0; at < this.#greedy.length - 1; at++) {
      if (this.#greedy[at] === 1) this.#write(actions[Math.floor(at / this.#rows)]!, at % this.#rows, best[at]!)
    }
  }

  /** Writes a joint action of a row. */
  #write(actions: Int32Array, row: number, joint: number): void {
    const { choices, placeOf, actionOf } = this.#joint
    const from = (row * actions.length) / this.#rows
    for (let i = 0; i < choices; i++) actions[from + placeOf[i]!] = actionOf[joint * choices + i]!
  }

  update(transitions: readonly TransitionBatch[]): void {
    this.begin()
    const { count } = this.#joint
    let at = 0
    for (let g = 0; g < transitions.length; g++) {
      const transition = transitions[g]!
      const { before, after, actions, reward, layout, size } = transition
      const isActive = this.active[g] === 1
      const rate = isActive ? this.rateOf(g) : 0
      teamDiscounts(transition, this.contexts[g]!.discount, this.#discounts)
      for (let row = 0; row < this.#rows; row++, at++) {
        let score = 0
        for (let i = 0; i < layout.agents; i++) score += this.#weight[i]! * reward[row * layout.agents + i]!
        this.#reward[at] = isActive ? this.checkedReward(score, g) : 0
        this.#rate[at] = rate
        this.#discount[at] = 0
        this.#nextRow[at] = this.table.idleRow
        this.#entry[at] = this.table.sink
        if (!isActive) continue
        const seen = this.checked(before.stateId[row]!, this.#numStates, g, 'stateId')
        const joint = jointIndex(this.#joint, actions, row * layout.actionsOf.length)
        this.#entry[at] = (g * this.#numStates + seen) * count + joint
        if (this.#discounts[row] === 0) continue
        const state = this.checked(after.stateId[row]!, this.#numStates, g, 'stateId')
        this.#visit(g, state, row, after)
        this.#nextRow[at] = g * this.#numStates + state
        this.#discount[at] = this.#discounts[row]!
      }
      if (isActive) this.noteLearned(g, size)
      this.steps[g] = this.steps[g]! + (isActive ? size : 0)
    }
    this.#tellForbidden()
    this.table.learn({
      entry: this.#entry,
      nextRow: this.#nextRow,
      nextPenalty: null,
      reward: this.#reward,
      discount: this.#discount,
      rate: this.#rate,
      negativeRate: null,
    })
    this.changed()
  }

  /** Notes the illegal joint actions of a state when a seed first sees it; returns how many are legal. */
  #visit(g: number, state: number, row: number, { mask, layout }: AgentViews): number {
    const known = this.#legal[g * this.#numStates + state]!
    if (known > 0) return known
    const { numActions, actionsOf } = layout
    const { count } = this.#joint
    let legal = 0
    for (let j = 0; j < count; j++) {
      const may = isLegal(this.#joint, j, mask, row * actionsOf.length * numActions, numActions)
      this.#isLegal[state * count + j] = may ? 1 : 0
      if (may) legal++
      else this.#forbidden.push((g * this.#numStates + state) * count + j)
    }
    this.#legal[g * this.#numStates + state] = legal
    return legal
  }

  #tellForbidden(): void {
    if (this.#forbidden.length === 0) return
    this.table.forbid(Int32Array.from(this.#forbidden))
    this.#forbidden = []
    this.changed()
  }

  /** The n-th legal joint action of a state. */
  #nth(state: number, n: number): number {
    const { count } = this.#joint
    let rest = n
    let j = 0
    for (; j < count - 1; j++) {
      if (this.#isLegal[state * count + j] === 1 && rest-- === 0) break
    }
    return j
  }

  protected policyOf(member: number, values: Float64Array): Policy {
    const { spec, agents } = this.contexts[member]!
    return new JointTabularPolicy(spec, values, agents)
  }

  protected override keptBy(member: number): LearnerState['arrays'] {
    return { legal: this.#legal.subarray(member * this.#numStates, (member + 1) * this.#numStates) }
  }

  protected override loadMember(member: number, state: LearnerState): void {
    super.loadMember(member, state)
    const { legal, values } = state.arrays
    const { count } = this.#joint
    for (let k = 0; k < this.#isLegal.length; k++) {
      if (legal![Math.floor(k / count)]! > 0) this.#isLegal[k] = values![k] === Number.NEGATIVE_INFINITY ? 0 : 1
    }
  }
}
