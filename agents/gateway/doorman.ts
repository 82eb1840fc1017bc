import { type ChildProcess, spawn } from 'node:child_process'
import type { Server } from 'node:http'
import type { Clock } from '../client/clock.js'
import type { ApiError } from './api-error.js'

/** How often it is looked whether help is still needed. */
const lookMs = 5

/**
 * What runs in the other process: it needs nothing of ours. It accepts on the gateway's own socket beside it, and says the same to
 * all but those who ask whether the process lives; then it takes what they still send, for five seconds at most.
 */
const source = `
const { createServer } = require('node:net')
const [refusal, alive] = JSON.parse(process.env.ANSWERS)
let server
process.on('message', (message, shared) => {
  server?.close()
  server = undefined
  if (message === 'help') {
    server = createServer(answer)
    server.on('error', () => undefined)
    server.listen(shared, 4096)
  }
})
// Ctrl-C is for the gateway, which ends this one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined)
process.on('disconnect', () => process.exit(0))
function answer(socket) {
  const timer = setTimeout(() => socket.destroy(), 5000)
  socket.on('error', () => undefined).on('close', () => clearTimeout(timer))
  socket.once('data', (part) => socket.end(/^(GET|HEAD) \\/healthz /.test(part.toString('latin1', 0, 20)) ? alive : refusal))
}
`

/**
 * Refuses connections for a gateway that is behind, in a process of its own: however cheap a refusal is, half as many again of them
 * would take a gateway at its limit a good part of what it can answer. It is started when it is first needed.
 */
export class Doorman {
  readonly #server: Server
  readonly #answers: string
  readonly #clock: Clock
  readonly #behind: () => boolean
  #child: ChildProcess | null = null
  #state: 'resting' | 'helping' | 'unable' = 'resting'

  /**
   * @param server - that listens
   * @param refusal - what clients are told
   * @param behind - whether help is needed
   */
  constructor(server: Server, refusal: ApiError, clock: Clock, behind: () => boolean) {
    this.#server = server
    this.#answers = JSON.stringify([
      response(refusal.status, 'Service Unavailable', JSON.stringify(refusal.body), refusal.headers),
      response(200, 'OK', JSON.stringify({ status: 'ok' }), {}),
    ])
    this.#clock = clock
    this.#behind = behind
  }

  /** Lets it help until it isn't needed any more. @returns false where it can't */
  help(): boolean {
    if (this.#state === 'resting') {
      this.#state = 'helping'
      this.#child ??= this.#start()
      this.#child.send('help', this.#server, (error) => {
        if (error !== null) this.#state = 'unable'
      })
      this.#look()
    }
    return this.#state !== 'unable'
  }

  /** Ends it. */
  close(): void {
    this.#state = 'unable'
    this.#child?.kill('SIGKILL')
    this.#child = null
  }

  #look(): void {
    this.#clock.later(lookMs, () => {
      if (this.#state !== 'helping') return
      if (this.#behind()) {
        this.#look()
        return
      }
      this.#state = 'resting'
      this.#child?.send('rest', () => undefined)
    })
  }

  #start(): ChildProcess {
    const { SystemRoot } = process.env
    const env = { ANSWERS: this.#answers, ...(SystemRoot === undefined ? {} : { SystemRoot }) }
    const child = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], env })
    const gone = () => {
      if (this.#child !== child) return
      this.#child = null
      this.#state = 'unable'
    }
    child.on('error', gone).on('exit', gone)
    // Nobody waits for it.
    child.unref()
    child.channel?.unref()
    return child
  }
}

function response(status: number, phrase: string, text: string, headers: ApiError['headers']): string {
  const lines = Object.entries({
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}`)
  return `HTTP/1.1 ${status} ${phrase}\r\n${lines.join('\r\n')}\r\n\r\n${text}`
}
