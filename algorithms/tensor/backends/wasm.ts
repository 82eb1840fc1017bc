import { type BackendLoader, failedToLoad } from './backend-loader.js'

const packageName = '@tensorflow/tfjs-backend-wasm'

/** WebAssembly. Its threads don't start under Node: one thread, several in several workers. */
export const wasmLoader: BackendLoader = {
  install: 'reinstall Cadre with its dependencies',
  async load(tf) {
    try {
      const { version_wasm: version } = await import('@tensorflow/tfjs-backend-wasm')
      const simd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) === true
      return { registeredAs: 'wasm', device: `WebAssembly ${simd ? 'with' : 'without'} SIMD, TF.js ${version}` }
    } catch (error) {
      return failedToLoad(packageName, error)
    }
  },
}
