import type { Env, EnvState } from '../env.js'
import { CadreError, StateError, UserModuleError } from '../errors.js'
import type { Json } from '../json.js'
import { allocateSlots, type Slot } from '../slot.js'
import { type EnvSpec, layoutOf } from '../spec.js'
import { stateDifference } from './state-difference.js'
import type { Trace, TraceEpisode, TraceStep } from './trace-schema.js'

/** Where a replay first left its trace. Episodes and steps are numbered from 0, as in the file. */
export interface Divergence {
  readonly episode: number
  /** Null before the first step. */
  readonly step: number | null
  /** Null for what belongs to no agent: flags and state. */
  readonly agent: string | null
  /** Such as `reward`, `observation[3]`, `terminated` or `state.agents[0].row`. */
  readonly field: string
  readonly expected: Json
  readonly got: Json
}

/**
 * Plays a trace's episodes: each starts from its `initial`, and steps take what was drawn from `events`.
 * @param env - made with the trace's settings; the trace fits its spec and schemas
 * @returns the first divergence, or null where everything agrees within the trace's tolerance
 * @throws StateError naming the place, when the environment refuses an `initial` or `events`
 * @throws UserModuleError naming the place and the method, when the environment's own code throws
 */
export function replayTrace(env: Env, trace: Trace): Divergence | null {
  const slot = allocateSlots(env.spec, 1).rows[0]!
  calling('bind', 'before the first episode', () => env.bind(slot))
  for (const [episode, recorded] of trace.episodes.entries()) {
    const divergence = replayEpisode(env, slot, recorded, trace.tolerance, episode)
    if (divergence !== null) return { episode, ...divergence }
  }
  return null
}

type InEpisode = Omit<Divergence, 'episode'>
type InStep = Omit<InEpisode, 'step'>

function replayEpisode(
  env: Env,
  slot: Slot,
  { initial, initialObservations, steps }: TraceEpisode,
  tolerance: number,
  episode: number,
): InEpisode | null {
  const path = `episodes.${episode}`
  if (env.injectInitial === undefined) throw new StateError(`${env.spec.id}: can't start from a given state`)
  handing('injectInitial', `episode ${episode}, start`, `${path}.initial`, () => env.injectInitial!(initial))
  const start = initialObservations && observationDifference(initialObservations, slot, env.spec, tolerance)
  if (start !== undefined) return { step: null, ...start }
  const actions = new Int32Array(layoutOf(env.spec).actionsOf.length)
  for (const [t, step] of steps.entries()) {
    const { events } = step
    const place = `episode ${episode}, step ${t}`
    if (events !== undefined) {
      if (env.applyEvents === undefined) {
        throw new StateError(`${path}.steps.${t}.events: ${env.spec.id} has no method applyEvents to hand them to`)
      }
      handing('applyEvents', place, `${path}.steps.${t}.events`, () => env.applyEvents!(events))
    }
    actions.set(step.actions)
    calling('step', place, () => env.step(actions))
    const state = step.state === undefined ? undefined : calling('saveState', place, () => env.saveState())
    const difference = stepDifference(step, state, env.spec, slot, tolerance)
    if (difference !== undefined) return { step: t, ...difference }
  }
  return null
}

/** Hands JSON to the environment; a refusal says where in the trace it stands. */
function handing(method: keyof Env, place: string, path: string, hand: () => void): void {
  try {
    hand()
  } catch (error) {
    if (error instanceof CadreError) throw new StateError(`${path}: ${error.message}`, { cause: error })
    throw ownError(method, place, error)
  }
}

/** Calls a method of the environment; what goes wrong in it says where and in which. */
function calling<T>(method: keyof Env, place: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw ownError(method, place, error)
  }
}

function ownError(method: keyof Env, place: string, error: unknown): UserModuleError {
  return new UserModuleError(`${place}: ${method} threw ${String(error)}`, { cause: error })
}

function stepDifference(
  step: TraceStep,
  state: EnvState | undefined,
  spec: EnvSpec,
  slot: Slot,
  tolerance: number,
): InStep | undefined {
  const { agents } = spec
  for (const [i, expected] of step.rewards.entries()) {
    const got = slot.reward[i]!
    if (!(Math.abs(expected - got) <= tolerance)) return { agent: agents[i]!.name, field: 'reward', expected, got }
  }
  const seen = step.observations && observationDifference(step.observations, slot, spec, tolerance)
  if (seen !== undefined) return seen
  for (const field of ['terminated', 'truncated'] as const) {
    const got = slot[field][0] === 1
    if (step[field] !== got) return { agent: null, field, expected: step[field], got }
  }
  if (step.state === undefined) return undefined
  const difference = stateDifference(step.state, state, tolerance)
  if (difference === undefined) return undefined
  const { path, expected, got } = difference
  return { agent: null, field: path === '' ? 'state' : `state.${path}`, expected, got }
}

function observationDifference(
  observations: readonly (readonly number[])[],
  slot: Slot,
  { agents }: EnvSpec,
  tolerance: number,
): InStep | undefined {
  const width = slot.observation.length / agents.length
  for (const [i, numbers] of observations.entries()) {
    for (const [k, expected] of numbers.entries()) {
      const got = slot.observation[i * width + k]!
      if (Math.abs(expected - got) <= tolerance) continue
      return { agent: agents[i]!.name, field: `observation[${k}]`, expected, got }
    }
  }
  return undefined
}
