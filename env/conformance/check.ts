import type { Env } from '../env.js'
import type { EnvSpec, Layout } from '../spec.js'
import type { Recording } from './recording.js'

/** What one check found. */
export interface CheckResult {
  readonly name: string
  readonly ok: boolean
  /** What holds; or what is wrong, where, and what to do. */
  readonly message: string
}

/** What checks look at. */
export interface CheckContext {
  /** Makes a fresh environment. */
  readonly make: () => Env
  readonly spec: EnvSpec
  readonly layout: Layout
  readonly seed: string
  /** Steps of a long run; checks that repeat a run take fewer. */
  readonly steps: number
  /** A long run under random legal actions; made once. */
  readonly recording: Recording
}

/** One small thing that must hold for every environment. */
export interface Check {
  readonly name: string
  /** What holds when it passes. */
  readonly promise: string
  /** @throws ConformanceFailure (or anything the environment throws) when it doesn't hold */
  run(context: CheckContext): void
}

/** A check that didn't hold; never leaves this folder. */
export class ConformanceFailure extends Error {}

/** Ends a check. */
export function fail(message: string): never {
  throw new ConformanceFailure(message)
}
