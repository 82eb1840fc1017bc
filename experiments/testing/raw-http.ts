import { connect } from 'node:net'

/** What came back over one connection. */
export interface RawAnswer {
  readonly bytes: Buffer
  /** From sending to the connection's end. */
  readonly ms: number
}

/** One HTTP response, read by hand: nothing is overlooked that a client library would forgive. */
export interface RawResponse {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

/**
 * Sends bytes over a connection of their own and reads until it ends.
 * @param patienceMs - after which the connection is given up
 */
export function exchange(port: number, bytes: Uint8Array, patienceMs: number): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const parts: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    const timer = setTimeout(() => socket.destroy(), patienceMs)
    socket.on('data', (part) => parts.push(part))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // A server may hang up on nonsense while it is still being sent.
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error)
    })
    socket.on('close', () => {
      clearTimeout(timer)
      resolve({ bytes: Buffer.concat(parts), ms: performance.now() - began })
    })
  })
}

/** A POST of JSON whose connection ends with its answer. */
export function postBytes(path: string, body: unknown, headers: readonly string[] = []): Buffer {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const lines = [
    `POST ${path} HTTP/1.1`,
    'host: localhost',
    'connection: close',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(text)}`,
    ...headers,
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${text}`)
}

/**
 * All responses in what came over a connection.
 * @throws Error where a response is malformed, cut off, or followed by anything else
 */
export function responsesIn(bytes: Buffer): RawResponse[] {
  const responses: RawResponse[] = []
  let rest = bytes
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n')
    const [first = '', ...lines] = rest.subarray(0, end).toString('latin1').split('\r\n')
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]
    if (end < 0 || status === undefined) throw new Error(`not a response: ${rest.toString('latin1').slice(0, 200)}`)
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    )
    const { body, length } = bodyIn(rest.subarray(end + 4), headers)
    responses.push({ status: Number(status), headers, body: body.toString('utf8') })
    rest = rest.subarray(end + 4 + length)
  }
  return responses
}

function bodyIn(bytes: Buffer, headers: RawResponse['headers']): { body: Buffer; length: number } {
  if (headers['transfer-encoding'] !== 'chunked') {
    const length = Number(headers['content-length'])
    if (!Number.isInteger(length) || bytes.length < length)
      throw new Error(`a body of ${bytes.length} of ${length} bytes`)
    return { body: bytes.subarray(0, length), length }
  }
  const parts: Buffer[] = []
  let at = 0
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    const size = Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16)
    if (lineEnd < 0 || Number.isNaN(size)) throw new Error('a chunked body that is cut off')
    const from = lineEnd + 2
    if (bytes.subarray(from + size, from + size + 2).toString('latin1') !== '\r\n')
      throw new Error('a chunk that is cut off')
    parts.push(bytes.subarray(from, from + size))
    at = from + size + 2
    if (size === 0) return { body: Buffer.concat(parts), length: at }
  }
}
