import type { StateIndex } from './state-index.js'

/**
 * What a rule needs of a state, from its vector (`Observer.stateSize` numbers: of each place of the inbox the type one-hot and the
 * decisions left as a share of the patience, then each agent's queue as a share of its capacity and whether it is up).
 * Shares are those of small integers, so that nothing is lost.
 * @param state - f32, the vector begins at `at`
 * @param queue - i32 [N], written
 * @param down - u8 [N], written
 * @returns the type of the head of the inbox, or -1 where nothing waits
 */
export function readStateVector(
  { numTypes, numAgents, places, capacity }: StateIndex,
  state: Float32Array,
  at: number,
  queue: Int32Array,
  down: Uint8Array,
): number {
  const agents = at + places * (numTypes + 1)
  for (let i = 0; i < numAgents; i++) {
    queue[i] = Math.round(state[agents + 2 * i]! * capacity[i]!)
    down[i] = state[agents + 2 * i + 1] === 1 ? 0 : 1
  }
  for (let type = 0; type < numTypes; type++) if (state[at + type] === 1) return type
  return -1
}
