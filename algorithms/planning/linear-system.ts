/**
 * Solves x = b + gamma A x for a non-negative A whose rows (norm 'max') or columns (norm 'sum') sum to at most 1.
 *
 * One Gauss-Seidel sweep x <- G(x) costs a matrix-vector product; its fixed point is the solution. BiCGSTAB (van der Vorst
 * 1992, "Bi-CGSTAB: a fast and smoothly converging variant of Bi-CG", the algorithm of section 3) is run on x - G(x) = 0,
 * which is the system preconditioned from the left by Gauss-Seidel: half the iterations of the plain one, at the same cost each.
 * Deviations: it starts from the caller's guess; it stops on a bound of the true residual, computed again before it is
 * believed; where it breaks down or stalls, plain sweeps x <- b + gamma A x, which converge whatever happens, take over.
 */
import { expectation } from './expectation.js'

/** A sparse matrix in compressed rows: row i is the entries first[i]..first[i+1]-1. Longer arrays than used are fine. */
export interface SparseRows {
  readonly first: Int32Array
  readonly next: Int32Array
  readonly probability: Float64Array
}

/** The norm in which A contracts: 'max' for values, 'sum' for occupancies. */
export type ContractionNorm = 'max' | 'sum'

/** A solver and its work arrays, which serve call after call. */
export class LinearSolver {
  readonly #norm: ContractionNorm
  #size = -1
  #r = new Float64Array(0)
  #shadow = new Float64Array(0)
  #p = new Float64Array(0)
  #v = new Float64Array(0)
  #t = new Float64Array(0)
  #kept = new Float64Array(0)

  constructor(norm: ContractionNorm) {
    this.#norm = norm
  }

  /**
   * @param b - f64 [n]
   * @param x - f64 [n], the first guess; the solution on return
   * @param tolerance - of the norm of the residual b + gamma A x - x
   * @returns the norm of the residual of `x`: above `tolerance` only where rounding or a discount very near 1 stands in the way
   */
  solve(a: SparseRows, discount: number, b: Float64Array, x: Float64Array, tolerance: number): number {
    this.#reserve(x.length)
    let norm = this.#residual(a, discount, b, x)
    let target = tolerance
    while (!(norm <= tolerance)) {
      const before = norm
      this.#kept.set(x)
      this.#bicgstab(a, discount, b, x, target)
      norm = this.#residual(a, discount, b, x)
      target *= 0.1
      if (norm <= 0.5 * before) continue
      if (!(norm <= before)) {
        x.set(this.#kept)
        this.#residual(a, discount, b, x)
      }
      norm = this.#sweeps(a, discount, b, x, tolerance)
      target = tolerance
      // Sweeps shrink the residual at least e-fold unless rounding, or their limit very near gamma 1, stops them.
      if (!(norm <= 0.5 * before)) return norm
    }
    return norm
  }

  /** 1 / (1 - gamma) times (at most 100,000, and 10,000 at gamma = 1) x <- b + gamma A x, or until the tolerance is met; returns the norm of the residual. */
  #sweeps(a: SparseRows, discount: number, b: Float64Array, x: Float64Array, tolerance: number): number {
    const sweeps = discount < 1 ? Math.min(Math.ceil(1 / (1 - discount)), 100_000) : 10_000
    let norm = Number.POSITIVE_INFINITY
    for (let k = 0; k < sweeps && norm > tolerance; k++) {
      for (let i = 0; i < x.length; i++) x[i]! += this.#r[i]!
      norm = this.#residual(a, discount, b, x)
    }
    return norm
  }

  /** r = b + gamma A x - x; returns its norm. */
  #residual(a: SparseRows, discount: number, b: Float64Array, x: Float64Array): number {
    const r = this.#r
    multiply(a, x, r)
    for (let i = 0; i < r.length; i++) r[i] = b[i]! + discount * r[i]! - x[i]!
    return this.#normOf(r)
  }

  #normOf(r: Float64Array): number {
    let norm = 0
    if (this.#norm === 'sum') {
      for (let i = 0; i < r.length; i++) norm += Math.abs(r[i]!)
      return norm
    }
    for (let i = 0; i < r.length; i++) {
      const size = Math.abs(r[i]!)
      if (!(size <= norm)) norm = size
    }
    return norm
  }

  /** Iterates until the preconditioned residual meets the target, or the recurrence breaks down. Changes x. */
  #bicgstab(a: SparseRows, discount: number, b: Float64Array, x: Float64Array, target: number): void {
    const r = this.#r
    const shadow = this.#shadow
    const p = this.#p
    const v = this.#v
    const t = this.#t
    r.set(x)
    gaussSeidel(a, discount, b, r)
    for (let i = 0; i < r.length; i++) r[i]! -= x[i]!
    const limit = 1e6 * this.#normOf(r)
    shadow.set(r)
    p.set(r)
    let rho = dot(shadow, r)
    for (let iteration = 0; iteration < 500; iteration++) {
      operate(a, discount, p, v)
      const alpha = rho / dot(shadow, v)
      if (!Number.isFinite(alpha)) return
      // s = r - alpha v takes the place of r.
      for (let i = 0; i < r.length; i++) r[i]! -= alpha * v[i]!
      operate(a, discount, r, t)
      const omega = dot(t, r) / dot(t, t)
      if (!Number.isFinite(omega)) {
        for (let i = 0; i < r.length; i++) x[i]! += alpha * p[i]!
        return
      }
      for (let i = 0; i < r.length; i++) {
        x[i]! += alpha * p[i]! + omega * r[i]!
        r[i]! -= omega * t[i]!
      }
      const norm = this.#normOf(r)
      if (norm <= target || !(norm <= limit)) return
      const rhoNext = dot(shadow, r)
      const beta = (rhoNext / rho) * (alpha / omega)
      if (!Number.isFinite(beta) || beta === 0) return
      rho = rhoNext
      for (let i = 0; i < r.length; i++) p[i] = r[i]! + beta * (p[i]! - omega * v[i]!)
    }
  }

  #reserve(size: number): void {
    if (this.#size === size) return
    this.#size = size
    this.#r = new Float64Array(size)
    this.#shadow = new Float64Array(size)
    this.#p = new Float64Array(size)
    this.#v = new Float64Array(size)
    this.#t = new Float64Array(size)
    this.#kept = new Float64Array(size)
  }
}

/** y = A x */
function multiply(a: SparseRows, x: Float64Array, y: Float64Array): void {
  const { first, next, probability } = a
  for (let i = 0; i < y.length; i++) y[i] = expectation(probability, next, x, first[i]!, first[i + 1]!)
}

/** One sweep in place, x[i] <- b[i] + gamma (A x)[i] in the order of i. */
function gaussSeidel(a: SparseRows, discount: number, b: Float64Array, x: Float64Array): void {
  const { first, next, probability } = a
  for (let i = 0; i < x.length; i++) {
    x[i] = b[i]! + discount * expectation(probability, next, x, first[i]!, first[i + 1]!)
  }
}

/** y = x - G(x) with b = 0: the operator of the preconditioned system. */
function operate(a: SparseRows, discount: number, x: Float64Array, y: Float64Array): void {
  const { first, next, probability } = a
  y.set(x)
  for (let i = 0; i < y.length; i++) {
    y[i] = discount * expectation(probability, next, y, first[i]!, first[i + 1]!)
  }
  for (let i = 0; i < y.length; i++) y[i] = x[i]! - y[i]!
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
