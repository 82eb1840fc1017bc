/**
 * The TF.js backends, fastest first: `node-gpu` (TensorFlow with CUDA), `webgpu` (Dawn, a hardware adapter), `node`
 * (TensorFlow on the CPU), `wasm` and `cpu`. Nothing of TF.js is loaded before a backend is opened or probed.
 *
 * TF.js has one active backend in a thread. All of its packages share the registry of one `tfjs-core`, so opening another
 * backend switches the thread to it; tensors of the one before stay readable.
 */
import { BackendError, UnknownNameError } from '#env/errors.js'
import type { BackendLoader, BackendOptions, TensorFlow } from './backends/backend-loader.js'
import { cpuLoader } from './backends/cpu.js'
import { nodeGpuLoader, nodeLoader } from './backends/tensorflow.js'
import { wasmLoader } from './backends/wasm.js'
import { webgpuLoader } from './backends/webgpu.js'

export type { BackendOptions, TensorFlow } from './backends/backend-loader.js'

/** The chain, in the order in which `auto` tries it. */
export const tensorBackendNames = ['node-gpu', 'webgpu', 'node', 'wasm', 'cpu'] as const

export type TensorBackendName = (typeof tensorBackendNames)[number]

/** A backend that is there. */
export interface TensorBackend {
  readonly name: TensorBackendName
  /** TF.js, the union package; this backend was its active one when it was opened. */
  readonly tf: TensorFlow
  /** What it runs on, in words: the adapter, or the library and its version. */
  readonly device: string
  /** Makes it this thread's active one again, at once, where another was opened since. */
  activate(): void
}

/** What is known of one backend of the chain. */
export interface BackendReport {
  readonly name: TensorBackendName
  readonly available: boolean
  /** Why it isn't available; null where it is. */
  readonly reason: string | null
  /** What it runs on; null where it isn't available. */
  readonly device: string | null
  /** What to install for it; null where it is available. */
  readonly install: string | null
}

export interface BackendProbe {
  /** What `auto` takes. */
  readonly active: TensorBackendName
  /** All of them, in the order of the chain. */
  readonly backends: readonly BackendReport[]
}

const loaders: { readonly [Name in TensorBackendName]: BackendLoader } = {
  'node-gpu': nodeGpuLoader,
  webgpu: webgpuLoader,
  node: nodeLoader,
  wasm: wasmLoader,
  cpu: cpuLoader,
}

const opened = new Map<TensorBackendName, TensorBackend>()
let lastTurn: Promise<unknown> = Promise.resolve()

/**
 * Makes a backend the active one of this thread. The same name gives the same object again.
 * @param choice - a name, or `auto` for the first of the chain that is there
 * @throws BackendError when it isn't available, with the reason and what to do
 * @throws UnknownNameError when there is no such name
 */
export function openBackend(choice: TensorBackendName | 'auto', options: BackendOptions = {}): Promise<TensorBackend> {
  return inTurn(async () => {
    if (choice !== 'auto' && !tensorBackendNames.includes(choice)) {
      throw new UnknownNameError('tensor backend', choice, ['auto', ...tensorBackendNames])
    }
    const missing: string[] = []
    for (const name of choice === 'auto' ? tensorBackendNames : [choice]) {
      const found = await activate(name, options)
      if ('tf' in found) return found
      missing.push(`backend "${name}" is not available: ${found.reason}; ${loaders[name].install}`)
    }
    throw new BackendError(`openBackend: ${missing.join('\n')}`)
  })
}

/** Tries every backend of the chain and leaves the thread with the one that was active before. */
export function probeBackends(options: BackendOptions = {}): Promise<BackendProbe> {
  return inTurn(async () => {
    const tf = await importTensorFlow()
    const before = tf.getBackend()
    const backends: BackendReport[] = []
    for (const name of tensorBackendNames) {
      const found = await activate(name, options)
      backends.push(
        'tf' in found
          ? { name, available: true, reason: null, device: found.device, install: null }
          : { name, available: false, reason: found.reason, device: null, install: loaders[name].install },
      )
    }
    if (before !== undefined && before !== '') await tf.setBackend(before)
    return { active: backends.find(({ available }) => available)!.name, backends }
  })
}

/** Switching is asynchronous and TF.js has one active backend, so one call goes after the other. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = lastTurn.then(work)
  lastTurn = turn.catch(() => undefined)
  return turn
}

async function activate(
  name: TensorBackendName,
  options: BackendOptions,
): Promise<TensorBackend | { readonly reason: string }> {
  const tf = await importTensorFlow()
  const loaded = await loaders[name].load(tf, options)
  if ('reason' in loaded) return loaded
  const { registeredAs, device } = loaded
  const activateAgain = () => {
    // Of a backend that has been initialised, TF.js makes the switch before it returns.
    if (tf.getBackend() !== registeredAs) void tf.setBackend(registeredAs)
  }
  // setBackend tells a failure by false, and getBackend names the backend even then. Meanwhile somebody may have activated
  // another one.
  const isInitialised = await tf.setBackend(registeredAs)
  if (isInitialised) activateAgain()
  if (!isInitialised || tf.getBackend() !== registeredAs) {
    return { reason: `TF.js could not initialise its backend "${registeredAs}"` }
  }
  const backend = opened.get(name) ?? { name, tf, device, activate: activateAgain }
  opened.set(name, backend)
  return backend
}

async function importTensorFlow(): Promise<TensorFlow> {
  const tf = await import('@tensorflow/tfjs-core')
  // Without this, TF.js advertises another of its backends on standard error.
  tf.enableProdMode()
  return tf
}
