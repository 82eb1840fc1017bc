import type { BackendLoader } from './backend-loader.js'

/** Plain JavaScript: part of the union package, so always there. */
export const cpuLoader: BackendLoader = {
  install: 'reinstall Cadre',
  async load(tf) {
    return { registeredAs: 'cpu', device: `JavaScript, TF.js ${tf.version.tfjs}` }
  },
}
