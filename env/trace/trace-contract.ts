import type { z } from 'zod'
import { StateError } from '../errors.js'
import type { Json } from '../json.js'

/** What an environment's part of a trace looks like. */
export interface TraceContract {
  /** A start, as `Env.injectInitial` takes it. */
  readonly initial: z.ZodType
  /** Any fields of `Env.saveState()`: what a trace may say of the state after a step. */
  readonly state: z.ZodType
  /** What is drawn in a step, as `Env.applyEvents` takes it; null where nothing is. */
  readonly events: z.ZodType | null
}

/**
 * JSON from outside as the environment reads it.
 * @param where - such as `lbf.injectInitial`
 * @throws StateError at the first place that doesn't fit
 */
export function readInjected<T>(schema: z.ZodType<T>, json: Json, where: string): T {
  const result = schema.safeParse(json)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]!
  throw new StateError(`${where}: ${[...path, message].join(': ')}`)
}
