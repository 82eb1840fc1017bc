import { NotEnumerableError, StateError } from '#env/errors.js'
import type { Policy } from '#env/policy.js'
import { scoreWeights, type TransitionBatch } from '#env/vector-env.js'
import type { LearnerContext, LearnerState } from '../learner.js'
import { scheduleAt } from '../schedule.js'
import type { LearningConfig } from '../tabular/learning-config.js'
import { isLegal, type JointActions, JointTabularPolicy, jointActions } from '../tabular/tabular-policy.js'
import type { TensorBackend } from './backend.js'
import { TensorGroup } from './tensor-group.js'
import { TensorTable } from './tensor-table.js'

/**
 * Q-learning on joint actions (tabular/joint-action-q.ts) on tensors: every row of every seed in one update, tables
 * [seeds, S, J]. Entries of illegal joint actions are marked in the table when a seed first visits their state.
 */
export class TensorJointQ extends TensorGroup {
  readonly #config: LearningConfig
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
    const { spec, rows } = contexts[0]!
    if (spec.numStates < 1) {
      throw new NotEnumerableError(`joint-action-q: ${spec.id} has no numbered states, which a table needs`)
    }
    const joint = jointActions(spec)
    const seeds = contexts.length
    const updates = seeds * rows + 1
    const table = new TensorTable(backend, seeds * spec.numStates, joint.count, updates, config.initialValue)
    super(contexts, table, spec.numStates * joint.count, config.initialValue)
    this.#config = config
    this.#rows = rows
    this.#numStates = spec.numStates
    this.#joint = joint
    this.#weight = scoreWeights(spec)
    this.#isLegal = new Uint8Array(spec.numStates * joint.count)
    this.#legal = new Int32Array(seeds * spec.numStates)
    this.#row = new Int32Array(updates).fill(table.idleRow)
    this.#entry = new Int32Array(updates).fill(table.sink)
    this.#nextRow = new Int32Array(updates).fill(table.idleRow)
    this.#reward = new Float32Array(updates)
    this.#discount = new Float32Array(updates)
    this.#rate = new Float32Array(updates)
    this.#greedy = new Uint8Array(updates)
  }

  async act(batches: readonly TransitionBatch[], actions: readonly Int32Array[]): Promise<void> {
    this.begin()
    const { count, actionOf } = this.#joint
    let asked = false
    let at = 0
    for (let g = 0; g < batches.length; g++) {
      const { stateId, mask } = batches[g]!
      const { rng, totalSteps } = this.contexts[g]!
      const epsilon = scheduleAt(this.#config.exploration, this.steps[g]!, totalSteps)
      for (let row = 0; row < this.#rows; row++, at++) {
        this.#greedy[at] = 0
        this.#row[at] = this.table.idleRow
        if (this.active[g] === 0) continue
        const state = this.checked(stateId[row]!, this.#numStates, g, 'stateId')
        const legal = this.#visit(g, state, mask, row, batches[g]!)
        this.#row[at] = g * this.#numStates + state
        if (rng.uniform() < epsilon) {
          this.#entry[at] = this.#row[at]! * count + this.#nth(state, rng.integer(legal))
        } else {
          this.#greedy[at] = 1
          asked = true
        }
      }
    }
    this.#tellForbidden()
    const best = asked ? await this.table.best(this.#row, null) : null
    at = 0
    for (let g = 0; g < batches.length; g++) {
      const { agents } = batches[g]!.layout
      for (let row = 0; row < this.#rows; row++, at++) {
        if (this.active[g] === 0) continue
        if (this.#greedy[at] === 1) this.#entry[at] = this.#row[at]! * count + best![at]!
        const first = (this.#entry[at]! - this.#row[at]! * count) * agents
        for (let i = 0; i < agents; i++) actions[g]![row * agents + i] = actionOf[first + i]!
      }
    }
  }

  update(batches: readonly TransitionBatch[]): void {
    this.begin()
    let at = 0
    for (let g = 0; g < batches.length; g++) {
      const batch = batches[g]!
      const { agents } = batch.layout
      const { discount, totalSteps } = this.contexts[g]!
      const isActive = this.active[g] === 1
      const rate = isActive ? scheduleAt(this.#config.learningRate, this.steps[g]!, totalSteps) : 0
      for (let row = 0; row < this.#rows; row++, at++) {
        let score = 0
        for (let i = 0; i < agents; i++) score += this.#weight[i]! * batch.reward[row * agents + i]!
        this.#reward[at] = isActive ? this.checkedReward(score, g) : 0
        this.#rate[at] = rate
        this.#discount[at] = 0
        this.#nextRow[at] = this.table.idleRow
        if (!isActive) this.#entry[at] = this.table.sink
        if (!isActive || batch.terminated[row] === 1) continue
        const end = batch.ended[row] === 1
        const state = this.checked((end ? batch.finalStateId : batch.stateId)[row]!, this.#numStates, g, 'stateId')
        this.#visit(g, state, end ? batch.finalMask : batch.mask, row, batch)
        this.#nextRow[at] = g * this.#numStates + state
        this.#discount[at] = discount ** batch.elapsed[row]!
      }
      this.steps[g] = this.steps[g]! + (isActive ? batch.size : 0)
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
  #visit(g: number, state: number, mask: Uint8Array, row: number, batch: TransitionBatch): number {
    const known = this.#legal[g * this.#numStates + state]!
    if (known > 0) return known
    const { agents, numActions } = batch.layout
    const { count, actionOf } = this.#joint
    let legal = 0
    for (let j = 0; j < count; j++) {
      const may = isLegal(actionOf, j, mask, row * agents * numActions, agents, numActions)
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
    return new JointTabularPolicy(this.contexts[member]!.spec, values)
  }

  protected override saveMember(member: number): LearnerState {
    const { arrays, data } = super.saveMember(member)
    return { arrays: { ...arrays, legal: this.#legalOf(member).slice() }, data }
  }

  protected override loadMember(member: number, state: LearnerState): void {
    const { legal, values } = state.arrays
    if (!(legal instanceof Int32Array) || legal.length !== this.#numStates) {
      throw new StateError(
        `saved learner: expected legal actions of ${this.#numStates} states, got ${legal?.length ?? 'none'}`,
      )
    }
    super.loadMember(member, state)
    this.#legalOf(member).set(legal)
    const { count } = this.#joint
    for (let k = 0; k < this.#isLegal.length; k++) {
      if (legal[Math.floor(k / count)]! > 0) this.#isLegal[k] = values![k] === Number.NEGATIVE_INFINITY ? 0 : 1
    }
  }

  #legalOf(member: number): Int32Array {
    return this.#legal.subarray(member * this.#numStates, (member + 1) * this.#numStates)
  }
}
