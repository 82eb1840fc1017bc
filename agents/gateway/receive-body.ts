import type { IncomingMessage, ServerResponse } from 'node:http'
import { checkMediaType, decodeBody } from './chat-request.js'
import { checkLength, readBody } from './read-body.js'
import { expectsContinue } from './refuse.js'
import type { Work, WorkList } from './work.js'

/** A request with a body, as it comes. */
export interface Call {
  readonly id: string
  /** Name of the key that called. */
  readonly key: string | null
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

/**
 * Takes a request into work and reads its JSON text.
 * @throws ApiError what to tell the client instead
 */
export async function receiveBody(
  { incoming, outgoing }: Call,
  works: WorkList,
  maxBytes: number,
): Promise<{ readonly work: Work; readonly body: string }> {
  checkMediaType(incoming.headers)
  checkLength(incoming, maxBytes)
  const work = works.enter(outgoing)
  if (expectsContinue(incoming)) outgoing.writeContinue()
  const bytes = await readBody(incoming, maxBytes, work.signal, (more) => works.hold(work, more))
  works.admit(work)
  return { work, body: decodeBody(bytes) }
}
