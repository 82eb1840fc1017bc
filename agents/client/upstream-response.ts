import type { Dispatcher } from 'undici'
import { decoded } from './decode-content.js'

/** How much of an error is read. */
const errorBytes = 16_384
/** Statuses that say that something of the request isn't known. */
const unknownField = new Set([400, 422])

/** What an endpoint sends back, its content decoded. */
export class UpstreamResponse {
  readonly status: number
  readonly headers: Dispatcher.ResponseData['headers']
  /** Media type in lower case, without parameters; '' where it says none. */
  readonly type: string
  readonly content: AsyncIterable<Uint8Array>
  #beginning: Promise<string> | null = null

  /** @throws AgentFailure (garbage) for a content encoding that isn't known */
  constructor({ statusCode, headers, body }: Dispatcher.ResponseData) {
    this.status = statusCode
    this.headers = headers
    this.type = String(headers['content-type'] ?? '')
      .split(';')[0]!
      .trim()
      .toLowerCase()
    // What goes wrong with a body after it was left is of no interest.
    body.on('error', () => undefined)
    this.content = decoded(body, headers['content-encoding'])
  }

  /** The first bytes as text, for errors. The rest is left. */
  beginning(): Promise<string> {
    this.#beginning ??= readUpTo(this.content, errorBytes).then((bytes) => bytes.toString('utf8'))
    return this.#beginning
  }

  /** Whether it refuses the request and names `field`. */
  async refuses(field: RegExp): Promise<boolean> {
    return unknownField.has(this.status) && field.test(await this.beginning())
  }
}

/** The first bytes of a body; the rest is left, and its connection with it. */
export async function readUpTo(body: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of body) {
    parts.push(part)
    length += part.length
    if (length >= limit) break
  }
  return Buffer.concat(parts).subarray(0, limit)
}
