import { ShapeError, SpaceError } from '#env/errors.js'
import type { EnvSpec, ObservedDigits } from '#env/spec.js'

/**
 * Values that are sums: of an afterstate, one number for each value of each digit; of an action, what it earns on average where the
 * subject has its value. Q(digits, action) = reward[action][subject] + sum over digits of value[digit][its value after the action].
 */
export class DigitValues {
  readonly digits: ObservedDigits
  /** f64 [sum of sizes], reward units. */
  readonly values: Float64Array
  /** f64 [A * sizes[subject]], reward units. */
  readonly rewards: Float64Array
  /** i32 [G + 1], where each digit's numbers begin. */
  readonly #first: Int32Array
  /** i32 [G], values of the digits read last. */
  readonly #read: Int32Array
  /** Of each action: the digits that it changes, and what their values become. */
  readonly #changes: readonly (readonly { readonly digit: number; readonly becomes: Int32Array }[])[]

  constructor(digits: ObservedDigits) {
    const { sizes, afterAction, subject } = digits
    this.digits = digits
    this.#first = new Int32Array(sizes.length + 1)
    sizes.forEach((size, g) => {
      this.#first[g + 1] = this.#first[g]! + size
    })
    this.#read = new Int32Array(sizes.length)
    this.values = new Float64Array(this.#first[sizes.length]!)
    this.rewards = new Float64Array(afterAction.length * sizes[subject]!)
    this.#changes = afterAction.map((change) =>
      change.flatMap((becomes, digit) => (becomes === null ? [] : [{ digit, becomes: Int32Array.from(becomes) }])),
    )
  }

  /** Entries that a value is the sum of. */
  get parts(): number {
    return this.#read.length
  }

  /** Reads the digits of a one-hot observation that begins at `at`. @throws ShapeError when a digit isn't one-hot */
  read(observation: Float32Array, at: number): void {
    const first = this.#first
    for (let g = 0; g < this.#read.length; g++) {
      let value = -1
      for (let k = first[g]!; k < first[g + 1]!; k++) {
        if (observation[at + k] === 1) {
          value = k - first[g]!
          break
        }
      }
      if (value < 0) this.#refuse(g)
      this.#read[g] = value
    }
  }

  /** Place in `rewards` of an action in the digits read last. */
  rewardEntry(action: number): number {
    const { sizes, subject } = this.digits
    return action * sizes[subject]! + this.#read[subject]!
  }

  /** Value of the digits read last as they stand. */
  base(): number {
    let sum = 0
    for (let g = 0; g < this.#read.length; g++) sum += this.values[this.#first[g]! + this.#read[g]!]!
    return sum
  }

  /** Value of the afterstate of an action. @param base - as `base` gives it */
  after(action: number, base: number): number {
    let sum = base
    for (const { digit, becomes } of this.#changes[action]!) {
      const from = this.#first[digit]!
      sum += this.values[from + becomes[this.#read[digit]!]!]! - this.values[from + this.#read[digit]!]!
    }
    return sum
  }

  /** Q of an action. @param base - as `base` gives it */
  q(action: number, base: number): number {
    return this.rewards[this.rewardEntry(action)]! + this.after(action, base)
  }

  /** The legal action of the highest Q, ties to the lowest; -1 where none is legal. @param first - where its mask begins */
  best(mask: Uint8Array, first: number): number {
    const base = this.base()
    let best = -1
    let bestValue = Number.NEGATIVE_INFINITY
    for (let a = 0; a < this.#changes.length; a++) {
      if (mask[first + a] !== 1) continue
      const q = this.q(a, base)
      if (q > bestValue) {
        best = a
        bestValue = q
      }
    }
    return best
  }

  /** Adds `step` to every entry of an action's afterstate. */
  move(action: number, step: number): void {
    const first = this.#first
    for (let g = 0; g < this.#read.length; g++) this.values[first[g]! + this.#read[g]!]! += step
    for (const { digit, becomes } of this.#changes[action]!) {
      this.values[first[digit]! + this.#read[digit]!]! -= step
      this.values[first[digit]! + becomes[this.#read[digit]!]!]! += step
    }
  }

  #refuse(digit: number): never {
    throw new ShapeError(
      `afterstate values: expected digit ${digit} of the observation one-hot, got no 1; ask for observations, and encode them one-hot`,
    )
  }
}

/** The digits of the single agent of a spec. @throws SpaceError when there are several agents, or nothing is known of digits */
export function digitsOf(spec: EnvSpec, who: string): ObservedDigits {
  const [agent, ...others] = spec.agents
  if (others.length > 0) {
    throw new SpaceError(
      `${who}: expected one agent that decides for all, got ${spec.agents.length}; set control: centralised`,
    )
  }
  if (agent?.digits === undefined) {
    throw new SpaceError(
      `${who}: agent "${agent?.name}" of ${spec.id} doesn't say what its observation consists of and what actions do to it (digits); in routing-dispatch set encoding: one-hot`,
    )
  }
  checkDigits(agent.digits, who)
  return agent.digits
}

/** @throws SpaceError unless every change of every action leads to values that the digits have */
export function checkDigits({ sizes, afterAction, subject }: ObservedDigits, who: string): void {
  const fits =
    sizes[subject] !== undefined &&
    afterAction.every(
      (change) =>
        change.length === sizes.length &&
        change.every(
          (becomes, g) =>
            becomes === null ||
            (becomes.length === sizes[g] && becomes.every((value) => value >= 0 && value < sizes[g]!)),
        ),
    )
  if (!fits) throw new SpaceError(`${who}: digits: expected a change of every digit, or null, for each action`)
}
