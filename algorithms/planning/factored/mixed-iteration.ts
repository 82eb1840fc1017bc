/**
 * Anderson's mixing of fixed-point steps (Walker and Ni 2011, "Anderson acceleration for fixed-point iterations", algorithm AA),
 * for v = T v where T adds gamma c to its image when c is added to every value: of the last few steps, the mixture whose
 * change is the least, in place of the last step alone. For a policy's sweeps it is what GMRES is to Richardson's iteration.
 * Deviations: the common constant is one direction more, as its change (gamma - 1) is known; where the small system is near to
 * singular, a plain step is taken and the memory begins anew.
 */

/** Directions kept. */
const DEPTH = 5

export class MixedIteration {
  readonly #discount: number
  /** Of each kept direction: how the change differs, and how the image differs. */
  readonly #changes: Float64Array[]
  readonly #images: Float64Array[]
  readonly #change: Float64Array
  readonly #image: Float64Array
  /** f64 [(DEPTH + 1)^2], dot products of the changes' directions; the constant's is the last. */
  readonly #gram = new Float64Array((DEPTH + 1) ** 2)
  readonly #right = new Float64Array(DEPTH + 1)
  readonly #solved = new Float64Array(DEPTH + 1)
  readonly #factor = new Float64Array((DEPTH + 1) ** 2)
  #kept = 0
  #oldest = 0
  #begun = false

  constructor(size: number, discount: number) {
    this.#discount = discount
    this.#changes = Array.from({ length: DEPTH }, () => new Float64Array(size))
    this.#images = Array.from({ length: DEPTH }, () => new Float64Array(size))
    this.#change = new Float64Array(size)
    this.#image = new Float64Array(size)
  }

  /** Forgets earlier steps: another T begins. */
  begin(): void {
    this.#kept = 0
    this.#oldest = 0
    this.#begun = false
  }

  /**
   * The next guess.
   * @param value - f64 [n], v; written over by the guess
   * @param next - f64 [n], T v
   */
  mix(value: Float64Array, next: Float64Array): void {
    this.#remember(value, next)
    const directions = this.#kept + 1
    if (!this.#solve(directions)) {
      this.begin()
      value.set(next)
      return
    }
    const constant = this.#discount * this.#solved[this.#kept]!
    for (let i = 0; i < value.length; i++) value[i] = next[i]! - constant
    for (let j = 0; j < this.#kept; j++) {
      const share = this.#solved[j]!
      const image = this.#images[j]!
      for (let i = 0; i < value.length; i++) value[i]! -= share * image[i]!
    }
  }

  /** Takes a step up: its differences from the step before become a direction, in place of the oldest. */
  #remember(value: Float64Array, next: Float64Array): void {
    const change = this.#change
    const image = this.#image
    if (this.#begun) {
      const slot = this.#kept < DEPTH ? this.#kept++ : this.#oldest
      this.#oldest = (slot + 1) % DEPTH
      const changes = this.#changes[slot]!
      const images = this.#images[slot]!
      for (let i = 0; i < value.length; i++) {
        const difference = next[i]! - value[i]!
        changes[i] = difference - change[i]!
        images[i] = next[i]! - image[i]!
        change[i] = difference
        image[i] = next[i]!
      }
      this.#measure(slot)
    } else {
      this.#begun = true
      for (let i = 0; i < value.length; i++) {
        change[i] = next[i]! - value[i]!
        image[i] = next[i]!
      }
    }
    const last = this.#kept
    for (let j = 0; j < last; j++) this.#right[j] = dot(this.#changes[j]!, change)
    const slope = this.#discount - 1
    let sum = 0
    for (let i = 0; i < change.length; i++) sum += change[i]!
    this.#right[last] = slope * sum
  }

  /** The dot products of one direction with all others; those with the constant, whose place moves, are kept in the last column. */
  #measure(slot: number): void {
    const changes = this.#changes[slot]!
    for (let j = 0; j < this.#kept; j++) {
      const product = dot(changes, this.#changes[j]!)
      this.#gram[slot * (DEPTH + 1) + j] = product
      this.#gram[j * (DEPTH + 1) + slot] = product
    }
    let sum = 0
    for (let i = 0; i < changes.length; i++) sum += changes[i]!
    this.#gram[slot * (DEPTH + 1) + DEPTH] = (this.#discount - 1) * sum
  }

  /** Least squares by Cholesky's factor of the normal equations, columns scaled to length 1. @returns whether it is safe */
  #solve(n: number): boolean {
    const L = this.#factor
    const x = this.#solved
    const width = DEPTH + 1
    const entry = (i: number, j: number): number => {
      if (i < n - 1 && j < n - 1) return this.#gram[i * width + j]!
      if (i === j) return (this.#discount - 1) ** 2 * this.#change.length
      return this.#gram[Math.min(i, j) * width + DEPTH]!
    }
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = entry(i, j)
        const whole = sum
        for (let k = 0; k < j; k++) sum -= L[i * width + k]! * L[j * width + k]!
        if (i === j) {
          if (!(sum > 1e-14 * whole)) return false
          L[i * width + i] = Math.sqrt(sum)
        } else L[i * width + j] = sum / L[j * width + j]!
      }
    }
    for (let i = 0; i < n; i++) {
      let sum = this.#right[i]!
      for (let k = 0; k < i; k++) sum -= L[i * width + k]! * x[k]!
      x[i] = sum / L[i * width + i]!
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = x[i]!
      for (let k = i + 1; k < n; k++) sum -= L[k * width + i]! * x[k]!
      x[i] = sum / L[i * width + i]!
    }
    return x.subarray(0, n).every(Number.isFinite)
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let even = 0
  let odd = 0
  let i = 0
  for (; i + 1 < a.length; i += 2) {
    even += a[i]! * b[i]!
    odd += a[i + 1]! * b[i + 1]!
  }
  for (; i < a.length; i++) even += a[i]! * b[i]!
  return even + odd
}
