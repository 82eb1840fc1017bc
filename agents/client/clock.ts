/** Time, as a client of an endpoint sees it. Given, so that tests don't hang on how busy a machine is. */
export interface Clock {
  /** ms since the epoch, for dates in headers. */
  now(): number
  /** ms since some moment, never set back. */
  elapsedMs(): number
  /** Calls back once. @returns what cancels it */
  later(ms: number, call: () => void): () => void
}

/** The machine's own time. */
export const machineClock: Clock = {
  now: () => Date.now(),
  elapsedMs: () => performance.now(),
  later(ms, call) {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
}

/** Time that doesn't pass: what is made under it is the same on every machine. Nothing is ever late. */
export const stillClock: Clock = {
  now: () => 0,
  elapsedMs: () => 0,
  later: () => () => {},
}
