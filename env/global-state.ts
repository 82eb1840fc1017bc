import { ShapeError } from './errors.js'
import type { PolicyBatch } from './policy.js'
import type { EnvSpec } from './spec.js'

/**
 * How many numbers the global state has, as whoever learns centrally sees it: the environment's own state vector
 * (`spec.stateSize`) where it has one, else what all agents observe, side by side.
 */
export function globalStateSize(spec: EnvSpec): number {
  if (spec.stateSize > 0) return spec.stateSize
  return spec.agents.reduce((sum, { observation }) => sum + observation.size, 0)
}

/**
 * Writes the global state of every row: the environment's own, else the observations of the agents in their order, each as long
 * as its own box. An agent that doesn't act has its place all the same, with what its slot shows. Allocates nothing.
 * @param batch - with real-valued states, or observations where there are none (`SlotNeeds`)
 * @param out - f32 [size, globalStateSize(spec)], written
 * @throws ShapeError when the batch was allocated without what is copied, or `out` has another size
 */
export function writeGlobalState(spec: EnvSpec, batch: PolicyBatch, out: Float32Array): void {
  const size = globalStateSize(spec)
  if (out.length !== batch.size * size) {
    throw new ShapeError(`writeGlobalState: expected room for ${batch.size} x ${size} numbers, got ${out.length}`)
  }
  const { agents: n, observationSize: width } = batch.layout
  const own = spec.stateSize > 0
  const [source, needed] = own ? [batch.state, batch.size * size] : [batch.observation, batch.size * n * width]
  if (source.length !== needed) {
    const what = own ? 'state' : 'observation'
    throw new ShapeError(
      `writeGlobalState: expected ${needed} numbers in batch.${what}, got ${source.length}; ask for it (SlotNeeds.${what})`,
    )
  }
  if (own) {
    out.set(source)
    return
  }
  let to = 0
  for (let k = 0; k < batch.size * n; k++) {
    const end = k * width + spec.agents[k % n]!.observation.size
    for (let from = k * width; from < end; from++) out[to++] = source[from]!
  }
}
