import { createRequire } from 'node:module'

/** TF.js: tensors and their operations. Backends come in packages of their own. */
export type TensorFlow = typeof import('@tensorflow/tfjs-core')

export interface BackendOptions {
  /** Whether WebGPU may run on a software adapter: for tests of correctness. Default false. */
  readonly allowSoftware?: boolean
}

/** A backend that TF.js now knows. */
export interface LoadedBackend {
  /** Its name in the registry of TF.js. */
  readonly registeredAs: string
  /** What it runs on, in words. */
  readonly device: string
}

/** How one backend of the chain gets into the registry of TF.js. */
export interface BackendLoader {
  /** What to install where it is missing. */
  readonly install: string
  /** Registers it, once a thread, or says why that can't be done. */
  load(tf: TensorFlow, options: BackendOptions): Promise<LoadedBackend | { readonly reason: string }>
}

const require = createRequire(import.meta.url)

/** Whether a package can be found from here. */
export function isInstalled(packageName: string): boolean {
  try {
    require.resolve(packageName)
    return true
  } catch {
    return false
  }
}

/** Loads a package that the type checker can't count on: its types are absent where it isn't installed. */
export function requirePackage(packageName: string): unknown {
  return require(packageName)
}

/** `package X is not installed` */
export function notInstalled(packageName: string): { readonly reason: string } {
  return { reason: `package ${packageName} is not installed` }
}

/** `package X failed to load: ` and the first line of the error. */
export function failedToLoad(packageName: string, error: unknown): { readonly reason: string } {
  return { reason: `package ${packageName} failed to load: ${firstLine(error)}` }
}

/** The first line of an error's message, with no stop at its end. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.split('\n', 1)[0]!.trim().replace(/\.$/, '')
}

/**
 * Why a shared library of the system can't be loaded, or undefined where it can. Asked for before a package is loaded that
 * would complain on standard error, or fall back to something slower in silence.
 */
export function libraryProblem(file: string): string | undefined {
  try {
    process.dlopen({ exports: {} }, file)
    return undefined
  } catch (error) {
    // A library that loads isn't an addon of Node: that complaint means that it is there.
    const problem = firstLine(error)
    return problem.includes('did not self-register') ? undefined : problem
  }
}
