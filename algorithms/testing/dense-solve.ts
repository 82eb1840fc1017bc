import type { TabularMdp } from '#env/mdp/tabular-mdp.js'

/** Solves A x = b by Gaussian elimination with partial pivoting: an oracle of its own, sharing nothing with what it checks. */
export function denseSolve(matrix: readonly (readonly number[])[], b: readonly number[]): number[] {
  const n = b.length
  const rows = matrix.map((row, i) => [...row, b[i]!])
  for (let column = 0; column < n; column++) {
    let pivot = column
    for (let i = column + 1; i < n; i++) {
      if (Math.abs(rows[i]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = i
    }
    const top = rows[pivot]!
    rows[pivot] = rows[column]!
    rows[column] = top
    for (let i = column + 1; i < n; i++) {
      const factor = rows[i]![column]! / top[column]!
      if (factor === 0) continue
      for (let j = column; j <= n; j++) rows[i]![j]! -= factor * top[j]!
    }
  }
  const x = new Array<number>(n).fill(0)
  for (let i = n - 1; i >= 0; i--) {
    let sum = rows[i]![n]!
    for (let j = i + 1; j < n; j++) sum -= rows[i]![j]! * x[j]!
    x[i] = sum / rows[i]![i]!
  }
  return x
}

/** Value of a deterministic policy, i32 [S], by a dense solve of (I - gamma^tau P) V = R. */
export function densePolicyValue(mdp: TabularMdp, policy: ArrayLike<number>, discount: number): number[] {
  const { numStates, numActions } = mdp
  const b = new Array<number>(numStates).fill(0)
  const matrix = Array.from({ length: numStates }, (_, s) => {
    const row = new Array<number>(numStates).fill(0)
    row[s] = 1
    if (mdp.terminal[s] === 1) return row
    const r = s * numActions + policy[s]!
    b[s] = mdp.reward[r]!
    for (let k = mdp.rowStart[r]!; k < mdp.rowStart[r + 1]!; k++)
      row[mdp.successor[k]!]! -= discount ** (mdp.elapsed?.[k] ?? 1) * mdp.probability[k]!
    return row
  })
  return denseSolve(matrix, b)
}

/** V* by policy iteration with dense solves. */
export function denseOptimalValue(mdp: TabularMdp, discount: number): number[] {
  const { numStates, numActions } = mdp
  const policy = new Array<number>(numStates).fill(-1)
  const rowOf = (s: number, a: number) => s * numActions + a
  const legal = (s: number, a: number) => mdp.rowStart[rowOf(s, a)] !== mdp.rowStart[rowOf(s, a) + 1]
  for (let s = 0; s < numStates; s++)
    policy[s] = Array.from({ length: numActions }, (_, a) => a).findIndex((a) => legal(s, a))
  for (;;) {
    const value = densePolicyValue(mdp, policy, discount)
    const q = (s: number, a: number) => {
      let sum = mdp.reward[rowOf(s, a)]!
      for (let k = mdp.rowStart[rowOf(s, a)]!; k < mdp.rowStart[rowOf(s, a) + 1]!; k++) {
        sum += discount ** (mdp.elapsed?.[k] ?? 1) * mdp.probability[k]! * value[mdp.successor[k]!]!
      }
      return sum
    }
    let changed = false
    for (let s = 0; s < numStates; s++) {
      if (mdp.terminal[s] === 1) continue
      for (let a = 0; a < numActions; a++) {
        if (legal(s, a) && q(s, a) > q(s, policy[s]!) + 1e-11) {
          policy[s] = a
          changed = true
        }
      }
    }
    if (!changed) return value
  }
}
