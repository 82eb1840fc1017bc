import type { Policy } from '#env/policy.js'
import { sampleMasked } from '#env/space.js'
import { layoutOf } from '#env/spec.js'
import { type AgentViews, discounts, type TransitionBatch } from '#env/transition-batch.js'
import type { LearnerContext } from '../learner.js'
import { type OwnChoices, ownChoices } from '../own-choices.js'
import { scheduleAt } from '../schedule.js'
import { AgentTables } from '../tabular/agent-tables.js'
import type { IndependentRates } from '../tabular/independent-learner.js'
import { IndependentTabularPolicy } from '../tabular/tabular-policy.js'
import type { TensorBackend } from './backend.js'
import { TensorGroup } from './tensor-group.js'
import { ILLEGAL, TensorTable } from './tensor-table.js'

/**
 * Independent and hysteretic Q-learning (tabular/independent-learner.ts) on tensors: every choice of every row of every seed
 * in one update, tables [seeds, observations of all choices, A]. Given the same transitions, tables equal those of the arrays
 * but for f32. Exploration draws the same numbers in the same order; the best actions are read back without blocking.
 */
export class TensorIndependentQ extends TensorGroup {
  readonly #rates: IndependentRates
  readonly #tables: AgentTables
  readonly #own: OwnChoices
  readonly #rows: number
  readonly #agents: number
  /** Choices of all agents in a row, and rows of a seed's tables. */
  readonly #choices: number
  readonly #tableRows: number
  /** f64 [E, N] */
  readonly #discounts: Float64Array
  /** Of the seeds' choices in order, and an idle one at the end: [M] with M = seeds * E * own choices + 1. */
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
    const tables = new AgentTables(spec)
    const { width, length } = tables
    const own = ownChoices(contexts[0]!)
    const updates = rows * own.count
    const all = contexts.length * updates + 1
    const table = new TensorTable(backend, (contexts.length * length) / width, width, all, rates.initialValue)
    super(contexts, table, rates, length, updates)
    this.#rates = rates
    this.#tables = tables
    this.#own = own
    this.#rows = rows
    this.#agents = spec.agents.length
    this.#choices = layoutOf(spec).actionsOf.length
    this.#tableRows = length / width
    this.#discounts = new Float64Array(rows * this.#agents)
    this.#row = new Int32Array(all).fill(table.idleRow)
    this.#entry = new Int32Array(all).fill(table.sink)
    this.#nextRow = new Int32Array(all).fill(table.idleRow)
    this.#penalty = new Float32Array(all * width)
    this.#reward = new Float32Array(all)
    this.#discount = new Float32Array(all)
    this.#rate = new Float32Array(all)
    this.#negativeRate = new Float32Array(all)
    this.#greedy = new Uint8Array(all)
  }

  async act(batches: readonly AgentViews[], actions: readonly Int32Array[]): Promise<void> {
    this.begin()
    const { asked, allLegal } = this.#explore(batches, actions)
    if (!asked) return
    const best = await this.table.best(this.#row, allLegal ? null : this.#penalty)
    let at = 0
    for (let g = 0; g < batches.length; g++) {
      for (let row = 0; row < this.#rows; row++) {
        for (let j = 0; j < this.#own.count; j++, at++) {
          if (this.#greedy[at] === 1) actions[g]![row * this.#choices + this.#own.placeOf[j]!] = best[at]!
        }
      }
    }
  }

  /** Draws which choices explore, and what; the rest are marked to be greedy. */
  #explore(batches: readonly AgentViews[], actions: readonly Int32Array[]) {
    const { width } = this.table
    const { count, placeOf, agentOf } = this.#own
    let asked = false
    let allLegal = true
    let at = 0
    for (let g = 0; g < batches.length; g++) {
      const { mask, observationId } = batches[g]!
      const { rng } = this.contexts[g]!
      const epsilon = this.epsilonOf(g)
      for (let row = 0; row < this.#rows; row++) {
        for (let j = 0; j < count; j++, at++) {
          this.#greedy[at] = 0
          this.#row[at] = this.table.idleRow
          if (this.active[g] === 0) continue
          const c = row * this.#choices + placeOf[j]!
          const legal = this.#copyMask(mask, c, at)
          if (legal < width) allLegal = false
          if (legal > 0) {
            this.#row[at] = this.#rowOf(g, placeOf[j]!, observationId[row * this.#agents + agentOf[j]!]!)
          }
          const explores = rng.uniform() < epsilon
          actions[g]![c] = explores ? Math.max(0, sampleMasked(mask, c * width, width, rng)) : 0
          if (explores || legal === 0) continue
          this.#greedy[at] = 1
          asked = true
        }
      }
    }
    return { asked, allLegal }
  }

  update(transitions: readonly TransitionBatch[]): void {
    this.begin()
    const { sink, idleRow, width } = this.table
    const { count, placeOf, agentOf } = this.#own
    let allLegal = true
    let at = 0
    for (let g = 0; g < transitions.length; g++) {
      const transition = transitions[g]!
      const { before, after, actions, reward, size } = transition
      const { discount, totalSteps } = this.contexts[g]!
      const rate = this.rateOf(g)
      const negativeRate = rate * scheduleAt(this.#rates.negativeFactor, this.steps[g]!, totalSteps)
      discounts(transition, discount, this.#discounts)
      let learned = 0
      for (let row = 0; row < this.#rows; row++) {
        for (let j = 0; j < count; j++, at++) {
          const k = row * this.#agents + agentOf[j]!
          const c = row * this.#choices + placeOf[j]!
          const learns = this.active[g] === 1 && before.alive[k] === 1
          const goesOn = learns && this.#discounts[k]! !== 0
          this.#entry[at] = learns ? this.#rowOf(g, placeOf[j]!, before.observationId[k]!) * width + actions[c]! : sink
          this.#nextRow[at] = goesOn ? this.#rowOf(g, placeOf[j]!, after.observationId[k]!) : idleRow
          if (this.#copyMask(after.mask, c, at) < width) allLegal = false
          this.#reward[at] = learns ? this.checkedReward(reward[k]!, g) : 0
          this.#discount[at] = goesOn ? this.#discounts[k]! : 0
          this.#rate[at] = learns ? rate : 0
          this.#negativeRate[at] = learns ? negativeRate : 0
          if (learns) learned++
        }
      }
      this.noteLearned(g, learned)
      this.steps[g] = this.steps[g]! + (this.active[g] === 1 ? size : 0)
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

  /** The row of an observation among all seeds' tables. */
  #rowOf(g: number, place: number, id: number): number {
    return g * this.#tableRows + this.#tables.row(place, id) / this.table.width
  }

  /** Copies the mask of choice c to the penalties of update `at`; returns how many actions are legal. */
  #copyMask(mask: Uint8Array, c: number, at: number): number {
    const { width } = this.table
    let legal = 0
    for (let a = 0; a < width; a++) {
      const isLegal = mask[c * width + a]!
      legal += isLegal
      this.#penalty[at * width + a] = isLegal === 1 ? 0 : ILLEGAL
    }
    return legal
  }

  protected policyOf(member: number, values: Float64Array): Policy {
    return new IndependentTabularPolicy(this.contexts[member]!.spec, values)
  }
}
