/**
 * WebGPU by Dawn's build for Node. The adapter is asked for first, and software adapters are refused by name: they are slower
 * than WebAssembly. TF.js gets exactly the adapter that was checked, so its own registration, which asks for another one, is
 * replaced.
 */
import {
  type BackendLoader,
  failedToLoad,
  firstLine,
  isInstalled,
  libraryProblem,
  notInstalled,
  type TensorFlow,
} from './backend-loader.js'

const registeredAs = 'webgpu'
const packages = ['webgpu', '@tensorflow/tfjs-backend-webgpu'] as const
const software = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|software/i

/** Kept for the life of the thread: Dawn's objects die with it. */
let gpu: GPU | undefined
let adapter: GPUAdapter | null | undefined
let registered = false

export const webgpuLoader: BackendLoader = {
  install:
    'npm install webgpu @tensorflow/tfjs-backend-webgpu, and the driver of a GPU (on Linux a Vulkan driver and libvulkan1)',
  async load(tf, { allowSoftware = false }) {
    const absent = packages.find((name) => !isInstalled(name))
    if (absent !== undefined) return notInstalled(absent)
    const vulkan = process.platform === 'linux' ? libraryProblem('libvulkan.so.1') : undefined
    if (vulkan !== undefined) return { reason: `no Vulkan loader: ${vulkan}` }
    try {
      if (adapter === undefined) adapter = await requestAdapter()
    } catch (error) {
      return failedToLoad(packages[0], error)
    }
    if (adapter === null) return { reason: 'no adapter: no driver of a GPU was found' }
    const device = describe(adapter.info)
    if (!allowSoftware && isSoftware(adapter.info)) {
      return { reason: `only a software adapter, ${device}: refused outside tests of correctness` }
    }
    try {
      if (!registered) await register(tf, adapter)
      registered = true
    } catch (error) {
      return { reason: `${device} gave no device: ${firstLine(error)}` }
    }
    return { registeredAs, device }
  },
}

async function requestAdapter(): Promise<GPUAdapter | null> {
  const { create, globals } = await import('webgpu')
  Object.assign(globalThis, globals)
  gpu = create([])
  return gpu.requestAdapter({ powerPreference: 'high-performance' })
}

async function register(tf: TensorFlow, from: GPUAdapter): Promise<void> {
  // The backend refuses to start where there is no navigator.gpu, and reads the agent's name.
  const navigator: object = Reflect.get(globalThis, 'navigator') ?? { userAgent: 'Node.js' }
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true })
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true })
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu')
  const { limits } = from
  const device = await from.requestDevice({
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
    },
  })
  const backend = new WebGPUBackend(device, from.info)
  if (tf.findBackendFactory(registeredAs) !== null) tf.removeBackend(registeredAs)
  tf.registerBackend(registeredAs, () => backend)
  // Small tensors too: results don't depend on where their inputs happen to lie.
  tf.env().set('WEBGPU_CPU_FORWARD', false)
}

function isSoftware(info: GPUAdapterInfo): boolean {
  return info.isFallbackAdapter || software.test(describe(info))
}

/** Such as `NVIDIA H200 (nvidia, hopper)`. */
function describe({ vendor, architecture, device, description }: GPUAdapterInfo): string {
  const name = description === '' ? device : description
  return `${name === '' ? 'an unnamed adapter' : name} (${[vendor, architecture].filter((part) => part !== '').join(', ')})`
}
