import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ApiError } from './api-error.js'

/** How much of a body that nobody wants is taken in, so that its connection can be used again. */
const smallBody = 65_536

/**
 * Answers a request that may not have been read to its end. Whoever still sends gets the whole answer at once, and the connection
 * stays open until it has sent everything or the time for its request is over: closing it under a client that writes would
 * cost it the answer (the client sees a reset in its place).
 * @param id - of the request
 */
export function refuse(incoming: IncomingMessage, outgoing: ServerResponse, error: ApiError, id: string): void {
  const text = JSON.stringify(error.body)
  const waits = expectsContinue(incoming)
  const unread = !incoming.complete && hasBody(incoming)
  const leaves = waits || (unread && !(Number(incoming.headers['content-length']) <= smallBody))
  outgoing.writeHead(error.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...error.headers,
    'x-cadre-request-id': id,
    ...(leaves ? { connection: 'close' } : {}),
  })
  if (!unread || waits) {
    outgoing.end(text)
    return
  }
  outgoing.write(text)
  const over = () => outgoing.end()
  incoming.once('end', over).once('error', over).resume()
}

/** Whether a client waits with its body until it is asked for it. */
export function expectsContinue({ headers }: IncomingMessage): boolean {
  return headers.expect?.toLowerCase() === '100-continue'
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
