/** f32 values, i32 indices, u8 masks (0 or 1). */
export type Dtype = 'f32' | 'i32' | 'u8'

export type Shape = readonly number[]

/** What an operation is told beside its inputs: plain data, part of what makes two nodes one. */
export type Attributes = { readonly [name: string]: number | string | boolean | readonly number[] }

/**
 * A node of a graph: what comes of an operation on others. Shapes are static, row-major. Nodes are numbered in an order in which they can be
 * computed.
 */
export interface Tensor {
  readonly id: number
  /** Of the table of operations; leaves are `input`, `variable` and `constant`. */
  readonly operation: string
  readonly inputs: readonly Tensor[]
  readonly attributes: Attributes
  readonly shape: Shape
  readonly dtype: Dtype
  /** Of a leaf; else null. */
  readonly name: string | null
  /** Of a constant, row-major; else null. */
  readonly values: readonly number[] | null
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1)
}

export function sameShape(one: Shape, other: Shape): boolean {
  return one.length === other.length && one.every((length, k) => length === other[k])
}

export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`
}
