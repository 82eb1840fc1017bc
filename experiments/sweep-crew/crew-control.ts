import type { TabularMdp } from '#env/mdp/tabular-mdp.js'

/** Slots of the control block, i32 on shared memory, that the threads of a crew agree by. */
export const control = {
  /** Goes up by one with each sweep: what waiting workers wait for. */
  sweep: 0,
  /** The next chunk of states that nobody has taken. */
  chunk: 1,
  /** Workers that haven't finished the sweep. */
  working: 2,
  /** 1 once a worker has failed. */
  failed: 3,
  kind: 4,
  value: 5,
  next: 6,
  policy: 7,
  size: 8,
} as const

/** What is swept. */
export const sweepKind = { optimal: 0, ofPolicy: 1 } as const

/** States that a thread takes at a time: small enough to share evenly, large enough that taking them costs nothing. */
export function chunkStates(numStates: number): number {
  return Math.max(64, Math.ceil(numStates / 128))
}

/** What goes to a worker before a sweep that needs it; arrays are on shared memory. */
export type CrewMessage =
  | { readonly model: TabularMdp; readonly discount: number }
  | { readonly id: number; readonly array: Float64Array | Int32Array }
