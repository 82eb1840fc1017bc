import type { TabularMdp } from '#env/mdp/tabular-mdp.js'

type SharedArray = Float64Array | Int32Array | Uint8Array

/** The array itself where it lies on shared memory, else a copy that does. */
export function shared<A extends SharedArray>(array: A): A {
  if (array.buffer instanceof SharedArrayBuffer) return array
  const make = array.constructor as new (buffer: SharedArrayBuffer) => A
  const copy = new make(new SharedArrayBuffer(array.byteLength))
  copy.set(array)
  return copy
}

/**
 * A model whose arrays lie on shared memory, where threads can sweep it. Keep this one and let the other go: a crew copies a
 * model that isn't shared each time it plans.
 */
export function sharedMdp(mdp: TabularMdp): TabularMdp {
  const { numStates, numActions, elapsed, costs } = mdp
  return {
    numStates,
    numActions,
    rowStart: shared(mdp.rowStart),
    successor: shared(mdp.successor),
    probability: shared(mdp.probability),
    ...(elapsed === undefined ? {} : { elapsed: shared(elapsed) }),
    reward: shared(mdp.reward),
    ...(costs === undefined
      ? {}
      : { costs: Object.fromEntries(Object.entries(costs).map(([name, expected]) => [name, shared(expected)])) }),
    terminal: shared(mdp.terminal),
    start: shared(mdp.start),
    stateIds: shared(mdp.stateIds),
  }
}
