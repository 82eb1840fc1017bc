import type { TensorArray } from '../engine.js'
import type { Tensor } from '../tensor.js'

/** Computes a node: from the numbers of its inputs, row-major, into `out`, which it fills. */
export type Run = (inputs: readonly TensorArray[], out: TensorArray) => void

/** Made once for a node whose shapes and attributes are known. */
export type Kernel = (node: Tensor) => Run

export type Kernels = { readonly [operation: string]: Kernel }
