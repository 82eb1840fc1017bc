/**
 * TensorFlow's own library through its Node binding: `@tensorflow/tfjs-node-gpu` with CUDA, `@tensorflow/tfjs-node` on the
 * CPU. Both register as `tensorflow`, and a thread takes one of them. The package for CUDA falls back to the CPU without a
 * word where it finds no device; here it then counts as missing, and serves as `node` where the other isn't installed.
 */
import {
  type BackendLoader,
  failedToLoad,
  isInstalled,
  libraryProblem,
  notInstalled,
  requirePackage,
  type TensorFlow,
} from './backend-loader.js'
import { restoreRemovedUtilFunctions } from './removed-util-functions.js'

const registeredAs = 'tensorflow'
const gpuPackage = '@tensorflow/tfjs-node-gpu'
const cpuPackage = '@tensorflow/tfjs-node'

/** The part of the binding's backend that tells where it runs. */
interface BindingBackend {
  readonly isUsingGpuDevice: boolean
  readonly binding: { readonly TF_Version?: string }
}

/** The package that holds the registry's place in this thread. */
let holder: { readonly packageName: string; readonly backend: BindingBackend } | undefined

export const nodeGpuLoader: BackendLoader = {
  install: `npm install ${gpuPackage} on Linux or Windows with an NVIDIA driver, CUDA 11 and cuDNN 8 (docs/tensors.md)`,
  async load(tf) {
    if (!isInstalled(gpuPackage)) return notInstalled(gpuPackage)
    const driver = libraryProblem(process.platform === 'win32' ? 'nvcuda.dll' : 'libcuda.so.1')
    if (driver !== undefined) return { reason: `no NVIDIA driver: ${driver}` }
    const held = hold(tf, gpuPackage)
    if ('reason' in held) return held
    if (!held.isUsingGpuDevice) return { reason: `${gpuPackage} lists no CUDA device and would run on the CPU` }
    return { registeredAs, device: `TensorFlow ${held.binding.TF_Version ?? ''} with CUDA` }
  },
}

export const nodeLoader: BackendLoader = {
  install: `npm install ${cpuPackage}; where its download fails, build it (docs/tensors.md)`,
  async load(tf) {
    const packageName = holder?.packageName ?? [cpuPackage, gpuPackage].find(isInstalled)
    if (packageName === undefined) return notInstalled(cpuPackage)
    const held = hold(tf, packageName)
    if ('reason' in held) return held
    if (held.isUsingGpuDevice) return { reason: `${packageName} is loaded in this thread, and runs on CUDA` }
    return { registeredAs, device: `TensorFlow ${held.binding.TF_Version ?? ''} on the CPU` }
  },
}

function hold(tf: TensorFlow, packageName: string): BindingBackend | { readonly reason: string } {
  if (holder?.packageName === packageName) return holder.backend
  if (holder !== undefined) {
    return { reason: `${holder.packageName} is loaded in this thread, and the two don't go together` }
  }
  try {
    // The library tells standard error what it was compiled for, unless it is asked to keep to warnings.
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '1'
    restoreRemovedUtilFunctions()
    requirePackage(packageName)
    const backend: unknown = tf.findBackend(registeredAs)
    if (!isBindingBackend(backend)) return { reason: `package ${packageName} registered no backend of its own` }
    holder = { packageName, backend }
    return backend
  } catch (error) {
    return failedToLoad(packageName, error)
  }
}

function isBindingBackend(backend: unknown): backend is BindingBackend {
  return typeof backend === 'object' && backend !== null && 'isUsingGpuDevice' in backend && 'binding' in backend
}
