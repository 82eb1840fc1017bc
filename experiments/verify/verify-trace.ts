import { ConfigError, StateError } from '#env/errors.js'
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
}

/**
 * Replays a trace from its first episode to its last, or to the first divergence.
 * @throws ConfigError when the environment refuses events
 */
export function verifyTrace({ file, trace, env }: LoadedTrace): VerifiedTrace {
  const divergence = replay({ file, trace, env })
  return {
    file,
    env: env.spec.id,
    ok: divergence === null,
    episodes: trace.episodes.length,
    steps: trace.episodes.reduce((sum, { steps }) => sum + steps.length, 0),
    divergence,
  }
}

function replay({ file, trace, env }: LoadedTrace): Divergence | null {
  try {
    return replayTrace(env, trace)
  } catch (error) {
    if (!(error instanceof StateError)) throw error
    throw new ConfigError([{ path: '', message: error.message, file }])
  }
}
