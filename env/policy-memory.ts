import { ShapeError } from './errors.js'
import type { Policy, PolicyBatch } from './policy.js'
import type { Layout } from './spec.js'

/** What the agents of several rows remember, kept by whoever plays a policy: hand `values` over in the batch as `memory`. */
export class PolicyMemoryRows {
  /** f32 [rows, N, M]; empty for policies without memory. */
  readonly values: Float32Array
  /** N * M, numbers a row. */
  readonly width: number
  readonly #initial: Float32Array

  /** Every row begins. @throws ShapeError when the policy's memory is no number of numbers, or its start doesn't fit it */
  constructor(policy: Policy, layout: Layout, rows: number) {
    this.#initial = initialMemory(policy, layout)
    this.width = this.#initial.length
    this.values = new Float32Array(rows * this.width)
    for (let row = 0; row < rows; row++) this.begin(row)
  }

  /** Sets what the agents of a row remember back to what an episode starts with. */
  begin(row: number): void {
    if (this.width > 0) this.values.set(this.#initial, row * this.width)
  }
}

/** f32 [N, M], what the agents remember where an episode starts; empty for policies without memory. @throws ShapeError */
export function initialMemory({ memory }: Policy, { agents }: Layout): Float32Array {
  if (memory === undefined) return new Float32Array(0)
  const { size, initial } = memory
  if (!(Number.isInteger(size) && size > 0)) {
    throw new ShapeError(`policy.memory.size: expected numbers an agent, an integer of at least 1, got ${size}`)
  }
  if (initial === undefined) return new Float32Array(agents * size)
  if (!(initial instanceof Float32Array) || initial.length !== agents * size) {
    throw new ShapeError(
      `policy.memory.initial: expected a Float32Array of ${agents * size} numbers (${agents} agents, ${size} each), got ${initial.length ?? typeof initial}`,
    )
  }
  return initial
}

/** The batch for a policy whose agents remember what an episode starts with; itself for policies without memory. */
export function withMemory(batch: PolicyBatch, policy: Policy): PolicyBatch {
  if (policy.memory === undefined) return batch
  return { ...batch, memory: new PolicyMemoryRows(policy, batch.layout, batch.size).values }
}

/**
 * What the agents of a batch remember, f32 [size, N, M].
 * @param size - M
 * @throws ShapeError, naming the policy, when the caller keeps no memory for it
 */
export function memoryOf(batch: PolicyBatch, size: number, policy: string): Float32Array {
  const expected = batch.size * batch.layout.agents * size
  if (batch.memory !== undefined && batch.memory.length >= expected) return batch.memory
  throw new ShapeError(
    `${policy}: expected batch.memory of ${expected} numbers, got ${batch.memory?.length ?? 'none'}; keep it as policy.memory says (PolicyMemoryRows)`,
  )
}
