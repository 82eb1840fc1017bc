import { ConfigError, StateError, UserModuleError } from '#env/errors.js'
import { type Divergence, replayTrace } from '#env/trace/replay.js'
import type { LoadedTrace } from './load-trace.js'

/** What came of replaying one trace. */
export interface VerifiedTrace {
  readonly file: string
  readonly env: string
  readonly ok: boolean
  /** What the file holds. */
  readonly episodes: number
  readonly steps: number
  /** The first place where the replay left the trace; null where it never did. */
  readonly divergence: Divergence | null
  /** Where the environment's own code threw, in which method, and what; null where it didn't. */
  readonly error: string | null
}

type Outcome = Pick<VerifiedTrace, 'divergence' | 'error'>

/**
 * Replays a trace from its first episode to its last, or to the first divergence or failure of the environment's own code.
 * @throws ConfigError when the environment refuses events
 */
export function verifyTrace({ file, trace, env }: LoadedTrace): VerifiedTrace {
  const { divergence, error } = replay({ file, trace, env })
  return {
    file,
    env: env.spec.id,
    ok: divergence === null && error === null,
    episodes: trace.episodes.length,
    steps: trace.episodes.reduce((sum, { steps }) => sum + steps.length, 0),
    divergence,
    error,
  }
}

function replay({ file, trace, env }: LoadedTrace): Outcome {
  try {
    return { divergence: replayTrace(env, trace), error: null }
  } catch (error) {
    if (error instanceof UserModuleError) return { divergence: null, error: error.message }
    if (!(error instanceof StateError)) throw error
    throw new ConfigError([{ path: '', message: error.message, file }])
  }
}
