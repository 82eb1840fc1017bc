import type { SparseMatrix } from './sparse-matrix.js'
import type { Layout } from './spec.js'
import type { AgentViews } from './transition-batch.js'

/** What agents see of some rows, in arrays that lie in one block of memory: a copy is one call. */
export interface ViewBlock {
  readonly bytes: Uint8Array
  readonly views: AgentViews
}

/** How wide the arrays are that a caller may not read. */
export interface ViewWidths {
  /** Numbers of an agent's observation that are written: 0 where nobody reads it. */
  readonly observationSize: number
  readonly stateSize: number
}

/** Allocates views of `rows` rows: ids and feature rows -1, everybody alive, the rest 0. */
export function allocateViews(
  layout: Layout,
  rows: number,
  { observationSize, stateSize }: ViewWidths,
  features?: SparseMatrix,
): ViewBlock {
  const { agents, heads, numActions } = layout
  const floats = [rows * agents * observationSize, rows * stateSize]
  const integers = [rows * agents, rows * agents, rows]
  const masks = rows * agents * heads * numActions
  const words = [...floats, ...integers].reduce((sum, length) => sum + length, 0)
  const buffer = new ArrayBuffer(4 * words + masks + rows * agents)
  let at = 0
  const next = (bytes: number) => {
    at += bytes
    return at - bytes
  }
  const views: AgentViews = {
    layout,
    size: rows,
    observation: new Float32Array(buffer, next(4 * floats[0]!), floats[0]!),
    state: new Float32Array(buffer, next(4 * floats[1]!), floats[1]!),
    observationId: new Int32Array(buffer, next(4 * integers[0]!), integers[0]!).fill(-1),
    featureRow: new Int32Array(buffer, next(4 * integers[1]!), integers[1]!).fill(-1),
    stateId: new Int32Array(buffer, next(4 * integers[2]!), integers[2]!).fill(-1),
    mask: new Uint8Array(buffer, next(masks), masks),
    alive: new Uint8Array(buffer, next(rows * agents), rows * agents).fill(1),
    ...(features === undefined ? {} : { features }),
  }
  return { bytes: new Uint8Array(buffer), views }
}
