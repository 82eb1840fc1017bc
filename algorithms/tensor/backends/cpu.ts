import type { BackendLoader } from './backend-loader.js'

/** Plain JavaScript: always there. */
export const cpuLoader: BackendLoader = {
  install: 'reinstall Cadre',
  async load(tf) {
    // The package registers itself when it is loaded.
    await import('@tensorflow/tfjs-backend-cpu')
    return { registeredAs: 'cpu', device: `JavaScript, TF.js ${tf.version_core}` }
  },
}
