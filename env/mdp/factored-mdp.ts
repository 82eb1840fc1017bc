import type { Env } from '../env.js'
import { ModelError, NotEnumerableError } from '../errors.js'
import { formatBytes } from '../format-bytes.js'
import type { PolicyBatch } from '../policy.js'
import { allocateSlots, type SlotNeeds } from '../slot.js'
import { isActing } from '../space.js'
import { layoutOf } from '../spec.js'
import { isEnumerable } from './enumerate.js'
import type { AfterstateSink, FactoredModel } from './factored-model.js'

/**
 * A factored model with the outcomes of all legal joint actions written out: what planning sweeps over. Rows are sparse by state:
 * rows stateStart[s]..stateStart[s+1]-1 are the legal joint actions of state s, in ascending order; every state of the
 * environment is in it, reachable or not.
 */
export interface FactoredMdp extends Pick<FactoredModel, 'sizes' | 'moves'> {
  readonly numStates: number
  /** Joint actions, legal or not. */
  readonly numActions: number
  /** i32 [N * H], actions of each agent's choices, at least 1; numActions is their product. */
  readonly actionsOf: Int32Array
  /** i32 [S + 1] */
  readonly stateStart: Int32Array
  /** i32 [rows], the joint action of each row, the last choice fastest. */
  readonly action: Int32Array
  /** f64 [rows], expected reward of the whole step. */
  readonly reward: Float64Array
  /** i32 [rows + 1]; row r leads to the afterstates rowStart[r]..rowStart[r+1]-1 of the next two. */
  readonly rowStart: Int32Array
  /** i32 [outcomes] */
  readonly successor: Int32Array
  /** f64 [outcomes], each row sums to 1. */
  readonly probability: Float64Array
  /** f64 [S], distribution over start states. */
  readonly start: Float64Array
  /** What the agents see in the states [from, to), at most `SHOWN_AT_ONCE`; the same object every time, for one caller at a time. */
  show(from: number, to: number): PolicyBatch
}

/** Most states that are shown at once. */
export const SHOWN_AT_ONCE = 4096

/** Limits of writing the outcomes out. */
export interface FactoredOptions {
  /** Most outcomes over all rows (12 bytes each, and 16 a row). Default 100 million. */
  readonly maxOutcomes?: number
  /** Memory that they may take. Default what is free. */
  readonly maxBytes?: number
}

/** The factored model that an environment offers, or undefined. The environment must not be bound elsewhere while it serves. */
export function factoredModelOf(env: Env): FactoredModel | undefined {
  return isEnumerable(env) ? env.factoredModel?.() : undefined
}

/**
 * Writes the outcomes of an environment's factored model out. The environment must be fresh; it serves the model from then on.
 * @throws NotEnumerableError when it offers none, or the outcomes are too many
 * @throws ModelError when what it offers is no model
 */
export function toFactoredMdp(env: Env, options: FactoredOptions = {}): FactoredMdp {
  const { spec } = env
  const views = new StateViews(env)
  const model = factoredModelOf(env)
  if (model === undefined || !isEnumerable(env)) {
    throw new NotEnumerableError(
      `${spec.id}: no factored model (it needs a finite model and factoredModel); use toJointMdp`,
    )
  }
  const numStates = model.sizes.reduce((product, size) => product * size, 1)
  if (numStates !== spec.numStates) {
    throw new ModelError(
      `${spec.id}: the factors have ${numStates} states together, expected spec.numStates = ${spec.numStates}`,
    )
  }
  checkMoves(spec.id, model)
  const actionsOf = layoutOf(spec).actionsOf.map((n) => Math.max(1, n))
  const rows = new OutcomeRows(spec.id, numStates, options)
  const joint = new LegalJointActions(actionsOf)
  for (let s = 0; s < numStates; s++) {
    const { mask, layout } = views.show(s, s + 1)
    joint.begin(mask, layout.numActions)
    do {
      model.outcomes(s, joint.actions, rows)
      rows.finishRow(s, joint.index)
    } while (joint.next())
    rows.stateStart[s + 1] = rows.numRows
  }
  const start = new Float64Array(numStates)
  env.startStates({
    add(state, probability) {
      start[state]! += probability
    },
  })
  return {
    sizes: model.sizes,
    moves: model.moves,
    numStates,
    numActions: actionsOf.reduce((product, n) => product * n, 1),
    actionsOf,
    ...rows.build(),
    start,
    show: (from, to) => views.show(from, to),
  }
}

/** @throws ModelError when a factor's matrix isn't one of distributions */
function checkMoves(id: string, { sizes, moves }: FactoredModel): void {
  sizes.forEach((size, f) => {
    const matrix = moves[f]
    if (matrix?.length !== size * size) {
      throw new ModelError(`${id}: factor ${f}: expected ${size} x ${size} moves, got ${matrix?.length ?? 'none'}`)
    }
    for (let from = 0; from < size; from++) {
      const row = matrix.subarray(from * size, (from + 1) * size)
      const sum = row.reduce((all, p) => all + p, 0)
      if (row.every((p) => p >= 0) && Math.abs(sum - 1) <= 1e-9) continue
      throw new ModelError(
        `${id}: factor ${f}: the moves from digit ${from} are [${row.join(', ')}], expected probabilities that sum to 1`,
      )
    }
  })
}

/** Shows states of an environment, some thousand at once. */
class StateViews {
  readonly #env: Env
  readonly #slots: ReturnType<typeof allocateSlots>
  #batch: PolicyBatch

  constructor(env: Env, needs: SlotNeeds = {}) {
    this.#env = env
    this.#slots = allocateSlots(env.spec, Math.min(SHOWN_AT_ONCE, Math.max(1, env.spec.numStates)), needs, env.features)
    this.#batch = { ...this.#slots, size: 0 }
  }

  show(from: number, to: number): PolicyBatch {
    const env = this.#env
    for (let s = from; s < to; s++) {
      env.bind(this.#slots.rows[s - from]!)
      env.showState!(s)
    }
    if (this.#batch.size !== to - from) this.#batch = { ...this.#batch, size: to - from }
    return this.#batch
  }
}

/** The legal joint actions of a state, one after the other; choices of agents that don't act are 0. */
class LegalJointActions {
  readonly actions: Int32Array
  index = 0
  readonly #actionsOf: Int32Array
  #mask!: Uint8Array
  #width = 0

  constructor(actionsOf: Int32Array) {
    this.#actionsOf = actionsOf
    this.actions = new Int32Array(actionsOf.length)
  }

  /** The first of them. */
  begin(mask: Uint8Array, width: number): void {
    this.#mask = mask
    this.#width = width
    for (let i = 0; i < this.actions.length; i++) {
      this.actions[i] = isActing(mask, i * width, width) ? this.#legalFrom(i, 0) : 0
    }
    this.#count()
  }

  /** @returns whether there was another */
  next(): boolean {
    for (let i = this.actions.length - 1; i >= 0; i--) {
      const after = this.#legalFrom(i, this.actions[i]! + 1)
      if (after >= 0) {
        this.actions[i] = after
        this.#count()
        return true
      }
      this.actions[i] = Math.max(0, this.#legalFrom(i, 0))
    }
    return false
  }

  #legalFrom(choice: number, action: number): number {
    for (let a = action; a < this.#actionsOf[choice]!; a++) if (this.#mask[choice * this.#width + a] === 1) return a
    return -1
  }

  #count(): void {
    this.index = 0
    for (let i = 0; i < this.actions.length; i++) this.index = this.index * this.#actionsOf[i]! + this.actions[i]!
  }
}

/** Rows under construction, in arrays that grow. */
class OutcomeRows implements AfterstateSink {
  readonly stateStart: Int32Array
  numRows = 0
  readonly #id: string
  readonly #maxOutcomes: number
  readonly #maxBytes: number
  #action = new Int32Array(1024)
  #reward = new Float64Array(1024)
  #rowStart = new Int32Array(1025)
  #afterstate = new Int32Array(1024)
  #probability = new Float64Array(1024)
  #outcomes = 0
  #sum = 0

  constructor(id: string, numStates: number, { maxOutcomes = 100_000_000, maxBytes }: FactoredOptions) {
    this.#id = id
    this.#maxOutcomes = maxOutcomes
    this.#maxBytes = maxBytes ?? process.availableMemory()
    this.stateStart = new Int32Array(numStates + 1)
    this.#checkRoom(8 * 8 * numStates)
  }

  add(afterstate: number, probability: number, reward: number): void {
    if (!(afterstate >= 0 && afterstate < this.stateStart.length - 1) || !(probability >= 0)) {
      throw new ModelError(
        `${this.#id}: an outcome leads to afterstate ${afterstate} with probability ${probability}, expected a state's number and a probability`,
      )
    }
    if (this.#outcomes === this.#afterstate.length) {
      this.#checkRoom(2 * 12 * this.#outcomes)
      this.#afterstate = grown(this.#afterstate)
      this.#probability = grown(this.#probability)
    }
    this.#afterstate[this.#outcomes] = afterstate
    this.#probability[this.#outcomes++] = probability
    this.#reward[this.numRows]! += probability * reward
    this.#sum += probability
  }

  finishRow(state: number, joint: number): void {
    if (!(Math.abs(this.#sum - 1) <= 1e-9) || !Number.isFinite(this.#reward[this.numRows])) {
      throw new ModelError(
        `${this.#id}: state ${state} joint action ${joint}: outcomes of probability ${this.#sum} and reward ${this.#reward[this.numRows]}, expected 1 and a finite number`,
      )
    }
    this.#sum = 0
    this.#action[this.numRows++] = joint
    this.#rowStart[this.numRows] = this.#outcomes
    if (this.numRows < this.#action.length) return
    this.#checkRoom(2 * 16 * this.numRows)
    this.#action = grown(this.#action)
    this.#reward = grown(this.#reward)
    this.#rowStart = grown(this.#rowStart)
  }

  build() {
    const { stateStart, numRows } = this
    return {
      stateStart,
      action: this.#action.slice(0, numRows),
      reward: this.#reward.slice(0, numRows),
      rowStart: this.#rowStart.slice(0, numRows + 1),
      successor: this.#afterstate.slice(0, this.#outcomes),
      probability: this.#probability.slice(0, this.#outcomes),
    }
  }

  /** @param bytes - about what is to be allocated next */
  #checkRoom(bytes: number): void {
    const refuse = (why: string): never => {
      throw new NotEnumerableError(`${this.#id}: ${why}; make the environment smaller, or evaluate by sampling`)
    }
    if (this.#outcomes >= this.#maxOutcomes) {
      refuse(`its joint actions have more than ${this.#maxOutcomes} outcomes, even before its factors move`)
    }
    if (bytes > this.#maxBytes)
      refuse(`its outcomes take ${formatBytes(bytes)} and more, and ${formatBytes(this.#maxBytes)} are free`)
  }
}

function grown<T extends Int32Array | Float64Array>(array: T): T {
  const larger = new (array.constructor as new (length: number) => T)(2 * array.length)
  larger.set(array)
  return larger
}
