import type { Expressions } from './expressions.js'
import type { Attributes, Dtype, Shape, Tensor } from './tensor.js'

/** What is known of a tensor before it is computed. */
export interface Kind {
  readonly shape: Shape
  readonly dtype: Dtype
}

/** A row of the table of operations: what comes of it, and how it is differentiated. */
export interface Operation {
  /** @throws GraphError where the inputs don't fit */
  infer(inputs: readonly Tensor[], attributes: Attributes): Kind
  /**
   * Gradients of a loss by the inputs, given that by the output; null where it is zero everywhere.
   * Absent: zero for all.
   */
  gradient?(graph: Expressions, output: Tensor, upstream: Tensor): readonly (Tensor | null)[]
}
