import { describe, it } from 'vitest'
import {
  type BackendOptions,
  openBackend,
  probeBackends,
  type TensorBackend,
  type TensorBackendName,
} from '../tensor/backend.js'

/** CADRE_SOFTWARE_WEBGPU=1 lets WebGPU's tests run on a software adapter, such as SwiftShader in CI. */
export const testBackendOptions: BackendOptions = { allowSoftware: process.env.CADRE_SOFTWARE_WEBGPU === '1' }

/**
 * One `describe` a backend of the chain, with a way to open it; where one is missing, a skipped test that says why.
 * @param suite - called once for each backend that is present
 */
export async function onEachBackend(
  suite: (open: () => Promise<TensorBackend>, name: TensorBackendName) => void,
): Promise<void> {
  const { backends } = await probeBackends(testBackendOptions)
  for (const { name, reason } of backends) {
    if (reason === null) describe(`on ${name}`, () => suite(() => openBackend(name, testBackendOptions), name))
    else it.skip(`on ${name}: ${reason}`)
  }
}
