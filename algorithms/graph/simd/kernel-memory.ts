import type { TensorArray } from '../engine.js'
import type { Dtype } from '../tensor.js'
import { kernelBytes } from './kernel-bytes.js'
import { faultAt, firstFree } from './opcodes.js'

/** What JavaScript offers of WebAssembly, as far as it is needed here: the language's own library doesn't declare it. */
interface WasmMemory {
  readonly buffer: SharedArrayBuffer
  grow(pages: number): number
}
interface Wasm {
  Module: new (bytes: Uint8Array) => object
  Memory: new (size: { initial: number; maximum: number; shared: true }) => WasmMemory
  Instance: new (
    module: object,
    imports: { env: { memory: WasmMemory } },
  ) => { readonly exports: { run(table: number, end: number): void } }
}

const pageBytes = 65536
/** 4 GiB: all that 32 bits reach. Only what is handed out is used. */
const maximumPages = 65536
/** Kernels may read some bytes behind what they work on. */
const slackBytes = 256

let compiled: object | null = null

export function bytesOf(dtype: Dtype): 1 | 4 {
  return dtype === 'u8' ? 1 : 4
}

/**
 * The kernels with a memory of their own. It is a shared one, since that may grow while arrays on it stay valid. It is handed out from below
 * and never taken back: it goes with the last that holds it or an array on it.
 */
export class KernelMemory {
  /** Runs the commands that lie in a part of the memory. */
  readonly run: (table: number, end: number) => void
  readonly #memory: WasmMemory
  #next = firstFree

  constructor() {
    const { Module, Memory, Instance } = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly
    compiled ??= new Module(kernelBytes())
    this.#memory = new Memory({ initial: 1, maximum: maximumPages, shared: true })
    this.run = new Instance(compiled, { env: { memory: this.#memory } }).exports.run
  }

  /** Where so many bytes of zeros lie, at a multiple of 64. */
  allocate(bytes: number): number {
    const at = this.#next
    this.#next = at + Math.ceil(bytes / 64) * 64
    const missing = this.#next + slackBytes - this.#memory.buffer.byteLength
    if (missing > 0) this.#memory.grow(Math.ceil(missing / pageBytes))
    return at
  }

  view(dtype: Dtype, at: number, length: number): TensorArray {
    if (dtype === 'f32') return new Float32Array(this.#memory.buffer, at, length)
    if (dtype === 'i32') return new Int32Array(this.#memory.buffer, at, length)
    return new Uint8Array(this.#memory.buffer, at, length)
  }

  /** [address of the command, index]: the first that failed since this was cleared; address 0 for none. */
  faults(): Int32Array {
    return new Int32Array(this.#memory.buffer, faultAt, 2)
  }
}
