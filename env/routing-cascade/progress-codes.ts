/** How far a query has come: for each model 0 not called, 1 its self-check failed, 2 it passed. */
export interface ProgressCodes {
  readonly numModels: number
  readonly maxCalls: number
  /** Codes with fewer than maxCalls calls; those with maxCalls have ended. Code 0: nothing called. */
  readonly count: number
  /** u8 [count, M] */
  readonly digits: Uint8Array
  /** i32 [count, M, 2]: the code after calling a model, check failed and passed; -1 when that was the last call. */
  readonly next: Int32Array
}

/** Most codes that are numbered; beyond, states have no numbers. */
const MOST_CODES = 100_000

/** Numbers the codes breadth first; null when there are too many. */
export function progressCodes(numModels: number, maxCalls: number): ProgressCodes | null {
  const known = new Map<string, number>([['0'.repeat(numModels), 0]])
  const keys = ['0'.repeat(numModels)]
  const next: number[] = []
  for (let code = 0; code < keys.length; code++) {
    const key = keys[code]!
    const calls = [...key].filter((digit) => digit !== '0').length
    for (let m = 0; m < numModels; m++) {
      for (const digit of ['1', '2']) {
        if (key[m] !== '0' || calls + 1 >= maxCalls) {
          next.push(-1)
          continue
        }
        const after = key.slice(0, m) + digit + key.slice(m + 1)
        if (!known.has(after)) {
          known.set(after, keys.length)
          keys.push(after)
          if (keys.length > MOST_CODES) return null
        }
        next.push(known.get(after)!)
      }
    }
  }
  return {
    numModels,
    maxCalls,
    count: keys.length,
    digits: Uint8Array.from(keys.flatMap((key) => [...key].map(Number))),
    next: Int32Array.from(next),
  }
}

/** The model whose answer counts: the last in the list among those that passed, else among those called; -1 for none. */
export function bestAnswer(digits: Uint8Array, offset: number, numModels: number): number {
  let called = -1
  for (let m = numModels - 1; m >= 0; m--) {
    if (digits[offset + m] === 2) return m
    if (digits[offset + m] === 1 && called < 0) called = m
  }
  return called
}
