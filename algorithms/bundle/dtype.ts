import type { Tensor } from '#env/policy.js'

/** What the entries of a stored tensor are, by their names in safetensors. */
export type DType = 'F32' | 'F64' | 'I32' | 'U8'

/** Bytes of one entry. */
export const dtypeBytes: Readonly<Record<DType, number>> = { F32: 4, F64: 8, I32: 4, U8: 1 }

/** The type a tensor is stored as. */
export function dtypeOf(data: Tensor['data']): DType {
  if (data instanceof Float64Array) return 'F64'
  if (data instanceof Float32Array) return 'F32'
  return data instanceof Int32Array ? 'I32' : 'U8'
}

/** Number of entries of a shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1)
}
