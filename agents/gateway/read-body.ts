import type { IncomingMessage } from 'node:http'
import { ApiError } from './api-error.js'

/**
 * The body of a request, counted as it comes: what Content-Length says isn't trusted.
 * @param hold - hears of the bytes of each part, and may throw an ApiError where there are too many
 * @throws ApiError 413 when it is too long, 408 when it doesn't come in time, 400 when it breaks off
 */
export function readBody(
  incoming: IncomingMessage,
  maxBytes: number,
  signal: AbortSignal,
  hold: (bytes: number) => void,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let length = 0
    const settle = (finish: () => void) => {
      incoming.off('data', take).off('end', end).off('error', broken).off('close', broken)
      signal.removeEventListener('abort', late)
      finish()
    }
    const take = (part: Buffer) => {
      length += part.length
      try {
        if (length > maxBytes) throw tooLong(maxBytes)
        hold(part.length)
        parts.push(part)
      } catch (error) {
        settle(() => reject(error))
      }
    }
    const end = () => settle(() => resolve(Buffer.concat(parts, length)))
    const broken = () =>
      settle(() => reject(new ApiError(400, 'the request broke off', { code: 'incomplete_request' })))
    const late = () =>
      settle(() => reject(new ApiError(408, 'the request did not come in time', { code: 'request_timeout' })))
    if (incoming.destroyed) {
      broken()
      return
    }
    incoming.on('data', take).on('end', end).on('error', broken).on('close', broken)
    if (signal.aborted) late()
    else signal.addEventListener('abort', late)
  })
}

/** @throws ApiError 413 when a request says itself that it is too long */
export function checkLength({ headers }: IncomingMessage, maxBytes: number): void {
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLong(maxBytes)
}

function tooLong(maxBytes: number): ApiError {
  return new ApiError(413, `a request of more than ${maxBytes} bytes; shorten it, or raise limits.bodyBytes`, {
    code: 'request_too_large',
  })
}
