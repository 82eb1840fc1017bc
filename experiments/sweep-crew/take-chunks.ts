import type { JacobiSweeps } from '#algorithms/planning/optimality-sweep.js'
import { chunkStates, control, sweepKind } from './crew-control.js'

/** Sweeps chunks of states until every chunk is taken, by this thread or another. @param state - the control block */
export function takeChunks(
  state: Int32Array,
  sweeps: JacobiSweeps,
  numStates: number,
  value: Float64Array,
  next: Float64Array,
  policy: Int32Array,
): void {
  const size = chunkStates(numStates)
  const kind = state[control.kind]
  for (;;) {
    const from = Atomics.add(state, control.chunk, 1) * size
    if (from >= numStates) return
    const to = Math.min(numStates, from + size)
    if (kind === sweepKind.optimal) sweeps.optimal(value, next, policy, from, to)
    else sweeps.ofPolicy(value, next, policy, from, to)
  }
}
