import type { PolicyBatch } from './policy.js'

/**
 * Some rows of a batch as a batch of its own, copied, in the given order; a row may come more than once. Sparse features are
 * shared: they never change.
 * @param rows - of `batch`, each 0..size-1
 */
export function selectRowsOf(batch: PolicyBatch, rows: ArrayLike<number>): PolicyBatch {
  const pick = <T extends Float32Array | Int32Array | Uint8Array>(array: T): T => {
    const width = array.length / batch.size
    const out = new (array.constructor as new (length: number) => T)(rows.length * width)
    for (let k = 0; k < rows.length; k++) {
      const from = rows[k]! * width
      for (let j = 0; j < width; j++) out[k * width + j] = array[from + j]!
    }
    return out
  }
  const { layout, features, featureRow, alive, memory } = batch
  return {
    layout,
    size: rows.length,
    observation: pick(batch.observation),
    mask: pick(batch.mask),
    observationId: pick(batch.observationId),
    stateId: pick(batch.stateId),
    state: pick(batch.state),
    ...(alive === undefined ? {} : { alive: pick(alive) }),
    ...(features === undefined ? {} : { features }),
    ...(featureRow === undefined ? {} : { featureRow: pick(featureRow) }),
    ...(memory === undefined ? {} : { memory: pick(memory) }),
  }
}
