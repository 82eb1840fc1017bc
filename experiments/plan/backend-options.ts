import type { BackendOptions } from '#algorithms/tensor/backend.js'

/** How tensor backends are opened: CADRE_SOFTWARE_WEBGPU=1 lets WebGPU run on a software adapter, for tests. */
export function backendOptions(): BackendOptions {
  return { allowSoftware: process.env.CADRE_SOFTWARE_WEBGPU === '1' }
}
