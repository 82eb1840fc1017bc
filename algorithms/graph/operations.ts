import { elementwise } from './elementwise.js'
import { indexing } from './indexing.js'
import { matrices } from './matrices.js'
import type { Operation } from './operation.js'
import { shaping } from './shaping.js'

/** All operations by name; the set is closed under gradient. Leaves (`input`, `variable`, `constant`) are none of them. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({ ...elementwise, ...shaping, ...matrices, ...indexing }),
)
