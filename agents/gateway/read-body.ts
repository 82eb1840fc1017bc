import type { IncomingMessage } from 'node:http'
import { ApiError } from './api-error.js'

/**
 * The body of a request, counted as it comes: what Content-Length says isn't trusted.
 * @throws ApiError 413 when it is too long, 408 when it doesn't come in time, 400 when it breaks off
 */
export function readBody(incoming: IncomingMessage, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
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
      if (length > maxBytes) settle(() => reject(tooLong(maxBytes)))
      else parts.push(part)
    }
    const end = () => settle(() => resolve(Buffer.concat(parts, length)))
    const broken = () =>
      settle(() => reject(new ApiError(400, 'the request broke off', { code: 'incomplete_request' })))
    const late = () =>
      settle(() => reject(new ApiError(408, 'the request did not come in time', { code: 'request_timeout' })))
    if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) {
      reject(tooLong(maxBytes))
      return
    }
    if (incoming.destroyed) {
      broken()
      return
    }
    incoming.on('data', take).on('end', end).on('error', broken).on('close', broken)
    if (signal.aborted) late()
    else signal.addEventListener('abort', late)
  })
}

function tooLong(maxBytes: number): ApiError {
  return new ApiError(413, `a request of more than ${maxBytes} bytes; shorten it, or raise limits.bodyBytes`, {
    code: 'request_too_large',
  })
}
