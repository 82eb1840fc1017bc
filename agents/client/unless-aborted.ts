import { AgentFailure } from './agent-failure.js'
import type { Answer } from './answer.js'

/**
 * Waits no longer than somebody wants the answer: neither for a pause between tries nor for another request's test of the
 * agent. A stream that comes too late is left.
 */
export async function unlessAborted(answer: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  let abort = () => undefined as unknown
  let aborted = false
  const leave = new Promise<never>((_, reject) => {
    abort = () => {
      aborted = true
      // Not at once: a try that is given up notes that first.
      setImmediate(() => reject(new AgentFailure('aborted', 'given up')))
    }
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort)
  })
  const late = (one: Answer) => {
    if (aborted && one.kind === 'stream') one.stream.close()
  }
  answer.then(late, () => undefined)
  try {
    return await Promise.race([answer, leave])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
