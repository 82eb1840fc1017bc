import { AgentFailure } from '../client/agent-failure.js'
import type { AnswerStream } from '../client/answer-stream.js'
import { ApiError } from './api-error.js'
import { givenUp } from './relay.js'
import type { Work } from './work.js'

/** How a stream ended. */
export interface StreamEnd {
  readonly kind: 'answered' | 'broken-stream' | 'client-gone'
  /** Of the error that the client was told in the stream. */
  readonly code: string | null
}

const encoder = new TextEncoder()
const done = 'data: [DONE]\n\n'

/**
 * A stream's events for the client, ended by `[DONE]`. After its first token there is no way back: when the agent, the
 * deadline or the gateway ends it early, an error event comes before `[DONE]`.
 * @param redact - takes keys out of what an endpoint said
 * @param onEnd - called once, however it ends
 */
export function streamBody(
  stream: AnswerStream,
  work: Work,
  redact: (text: string) => string,
  onEnd: (end: StreamEnd) => void,
): ReadableStream<Uint8Array> {
  let over = false
  let abort = () => undefined as unknown
  const end = (how: StreamEnd) => {
    over = true
    work.signal.removeEventListener('abort', abort)
    // At the deadline a client that doesn't read, or an answer that is long, is no fault of the agent.
    stream.close(work.givenUp !== 'deadline' || !stream.stalled)
    onEnd(how)
  }
  const fail = (controller: ReadableStreamDefaultController<Uint8Array>, kind: StreamEnd['kind'], error: ApiError) => {
    if (over) return
    controller.enqueue(encoder.encode(`data: ${JSON.stringify(error.body)}\n\n${done}`))
    controller.close()
    end({ kind, code: error.body.error.code })
  }
  return new ReadableStream<Uint8Array>({
    start(controller) {
      abort = () => fail(controller, work.givenUp === 'client-gone' ? 'client-gone' : 'broken-stream', givenUp(work))
      if (work.signal.aborted) abort()
      else work.signal.addEventListener('abort', abort)
    },
    async pull(controller) {
      if (over) return
      try {
        const events = await stream.next()
        if (over) return
        controller.enqueue(encoder.encode(events ?? done))
        if (events !== null) return
        controller.close()
        end({ kind: 'answered', code: null })
      } catch (failure) {
        const why = failure instanceof AgentFailure ? failure.detail : 'it ended early'
        const error = new ApiError(502, redact(`the agent's answer broke off: ${why}`), { code: 'stream_interrupted' })
        fail(controller, 'broken-stream', error)
      }
    },
    cancel() {
      if (!over) end({ kind: 'client-gone', code: null })
    },
  })
}
