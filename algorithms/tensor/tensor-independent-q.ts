import type { Policy } from '#env/policy.js'
import { sampleMasked } from '#env/space.js'
import { layoutOf } from '#env/spec.js'
import type { TransitionBatch } from '#env/vector-env.js'
import type { LearnerContext } from '../learner.js'
import { scheduleAt } from '../schedule.js'
import type { IndependentRates } from '../tabular/independent-learner.js'
import { IndependentTabularPolicy, tableOffsets } from '../tabular/tabular-policy.js'
import type { TensorBackend } from './backend.js'
import { TensorGroup } from './tensor-group.js'
import { ILLEGAL, TensorTable } from './tensor-table.js'

/**
 * Independent and hysteretic Q-learning (tabular/independent-learner.ts) on tensors: every agent of every row of every seed
 * in one update, tables [seeds, observations of all agents, A]. Given the same transitions, tables equal those of the arrays
 * but for f32. Exploration draws the same numbers in the same order; the best actions are read back without blocking.
 */
export class TensorIndependentQ extends TensorGroup {
  readonly #rates: IndependentRates
  readonly #rows: number
  readonly #agents: number
  readonly #width: number
  /** i32 [N + 1], first row of each agent within a seed's table; the last is their number. */
  readonly #firstRow: Int32Array
  /** Of the seeds' agents in order, and an idle one at the end: [M] with M = seeds * E * N + 1. */
  readonly #row: Int32Array
  readonly #entry: Int32Array
  readonly #nextRow: Int32Array
  readonly #penalty: Float32Array
  readonly #reward: Float32Array
  readonly #discount: Float32Array
  readonly #rate: Float32Array
  readonly #negativeRate: Float32Array
  readonly #greedy: Uint8Array

  /** @throws NotEnumerableError when an agent's observations aren't numbered, or tables are too large */
  constructor(contexts: readonly LearnerContext[], rates: IndependentRates, backend: TensorBackend) {
    const { spec, rows } = contexts[0]!
    const agents = spec.agents.length
    const width = layoutOf(spec).numActions
    const firstRow = tableOffsets(spec).map((offset) => offset / width)
    const tableRows = firstRow[agents]!
    const updates = contexts.length * rows * agents + 1
    const table = new TensorTable(backend, contexts.length * tableRows, width, updates, rates.initialValue)
    super(contexts, table, tableRows * width, rates.initialValue)
    this.#rates = rates
    this.#rows = rows
    this.#agents = agents
    this.#width = width
    this.#firstRow = firstRow
    this.#row = new Int32Array(updates).fill(table.idleRow)
    this.#entry = new Int32Array(updates).fill(table.sink)
    this.#nextRow = new Int32Array(updates).fill(table.idleRow)
    this.#penalty = new Float32Array(updates * width)
    this.#reward = new Float32Array(updates)
    this.#discount = new Float32Array(updates)
    this.#rate = new Float32Array(updates)
    this.#negativeRate = new Float32Array(updates)
    this.#greedy = new Uint8Array(updates)
  }

  async act(batches: readonly TransitionBatch[], actions: readonly Int32Array[]): Promise<void> {
    this.begin()
    const { asked, allLegal } = this.#explore(batches, actions)
    const best = asked ? await this.table.best(this.#row, allLegal ? null : this.#penalty) : null
    const perSeed = this.#rows * this.#agents
    for (let g = 0; g < batches.length; g++) {
      if (this.active[g] === 0) continue
      for (let k = 0; k < perSeed; k++) {
        const at = g * perSeed + k
        if (this.#greedy[at] === 1) actions[g]![k] = best![at]!
        if (this.#entry[at] !== this.table.sink) this.#entry[at] = this.#row[at]! * this.#width + actions[g]![k]!
      }
    }
  }

  /** Draws which agents explore, and what; the rest are marked to act greedily. */
  #explore(batches: readonly TransitionBatch[], actions: readonly Int32Array[]) {
    const width = this.#width
    const { sink } = this.table
    let asked = false
    let allLegal = true
    let at = 0
    for (let g = 0; g < batches.length; g++) {
      const { mask, observationId } = batches[g]!
      const { rng, totalSteps } = this.contexts[g]!
      const epsilon = scheduleAt(this.#rates.exploration, this.steps[g]!, totalSteps)
      const base = g * this.#firstRow[this.#agents]!
      for (let k = 0; k < this.#rows * this.#agents; k++, at++) {
        this.#greedy[at] = 0
        this.#entry[at] = sink
        this.#row[at] = this.table.idleRow
        if (this.active[g] === 0) continue
        const legal = this.#copyMask(mask, k, at)
        if (legal < width) allLegal = false
        if (legal > 0) this.#row[at] = base + this.#rowOf(g, k % this.#agents, observationId[k]!)
        const explores = rng.uniform() < epsilon
        actions[g]![k] = explores ? Math.max(0, sampleMasked(mask, k * width, width, rng)) : 0
        if (legal === 0) continue
        // Its action comes later: here it only says that there will be one.
        this.#entry[at] = 0
        this.#greedy[at] = explores ? 0 : 1
        if (!explores) asked = true
      }
    }
    return { asked, allLegal }
  }

  update(batches: readonly TransitionBatch[]): void {
    this.begin()
    let allLegal = true
    let at = 0
    for (let g = 0; g < batches.length; g++) {
      const batch = batches[g]!
      const { discount, totalSteps } = this.contexts[g]!
      const rate = scheduleAt(this.#rates.learningRate, this.steps[g]!, totalSteps)
      const negativeRate = rate * scheduleAt(this.#rates.negativeFactor, this.steps[g]!, totalSteps)
      const base = g * this.#firstRow[this.#agents]!
      for (let row = 0; row < this.#rows; row++) {
        const end = batch.ended[row] === 1
        const ids = end ? batch.finalObservationId : batch.observationId
        const masks = end ? batch.finalMask : batch.mask
        const discountT = batch.terminated[row] === 1 ? 0 : discount ** batch.elapsed[row]!
        for (let i = 0; i < this.#agents; i++, at++) {
          const k = row * this.#agents + i
          if (this.active[g] === 0) this.#entry[at] = this.table.sink
          const learns = this.#entry[at] !== this.table.sink
          const legal = this.#copyMask(masks, k, at)
          if (legal < this.#width) allLegal = false
          const goesOn = learns && legal > 0 && discountT > 0
          this.#nextRow[at] = goesOn ? base + this.#rowOf(g, i, ids[k]!) : this.table.idleRow
          this.#reward[at] = learns ? this.checkedReward(batch.reward[k]!, g) : 0
          this.#discount[at] = goesOn ? discountT : 0
          this.#rate[at] = learns ? rate : 0
          this.#negativeRate[at] = learns ? negativeRate : 0
        }
      }
      this.steps[g] = this.steps[g]! + (this.active[g] === 1 ? batch.size : 0)
    }
    this.table.learn({
      entry: this.#entry,
      nextRow: this.#nextRow,
      nextPenalty: allLegal ? null : this.#penalty,
      reward: this.#reward,
      discount: this.#discount,
      rate: this.#rate,
      negativeRate: this.#rates.negativeFactor === 1 ? null : this.#negativeRate,
    })
    this.changed()
  }

  /** The row of an agent's observation within a seed's table. */
  #rowOf(g: number, agent: number, id: number): number {
    const first = this.#firstRow[agent]!
    return first + this.checked(id, this.#firstRow[agent + 1]! - first, g, 'observationId')
  }

  /** Copies agent k's mask to the penalties of update `at`; returns how many actions are legal. */
  #copyMask(mask: Uint8Array, k: number, at: number): number {
    const width = this.#width
    let legal = 0
    for (let a = 0; a < width; a++) {
      const isLegal = mask[k * width + a]!
      legal += isLegal
      this.#penalty[at * width + a] = isLegal === 1 ? 0 : ILLEGAL
    }
    return legal
  }

  protected policyOf(member: number, values: Float64Array): Policy {
    return new IndependentTabularPolicy(this.contexts[member]!.spec, values)
  }
}
