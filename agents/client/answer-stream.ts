import { AgentFailure } from './agent-failure.js'
import { failureTold } from './classify-status.js'
import type { Clock } from './clock.js'
import { type Completion, carriesToken, parseJson, readAnswer, type Usage } from './completion.js'
import { EventParser, type ServerEvent } from './event-parser.js'

const maxEventChars = 1_048_576
/** How much may come before the first token: chunks that only name a role. */
const maxHeldChars = 65_536
/** What may come after the end before the connection is left: its last bytes, so that it can be used again. */
const drained = { bytes: 65_536, ms: 250 }
/** A sign of life for the client, in place of one of the agent's that isn't part of its answer. */
const heartbeat = ': ping\n\n'
const hidden = Symbol('an event that is not passed on')

export interface AnswerStreamOptions {
  /** How long the agent may say nothing, when it is asked for more, before it counts as stalled, and is left. */
  readonly stallMs: number
  readonly clock: Clock
  /** Whether the client didn't ask what the stream uses: the chunk that only says so isn't passed on. */
  readonly hideUsage: boolean
  /** Called once, when the stream is over or given up. */
  onEnd(): void
}

/**
 * An agent's streamed answer, checked event by event. `begin` waits for the first token: until then the answer can still be
 * left for another agent's. Afterwards `next` gives what to pass on, as it came.
 */
export class AnswerStream {
  readonly #source: AsyncIterator<Uint8Array>
  readonly #parser = new EventParser(maxEventChars)
  readonly #options: AnswerStreamOptions
  /** Since when the agent is waited for; null while it isn't. */
  #waitingSince: number | null = null
  #waiting: ServerEvent[] = []
  #held = ''
  /** Answers begun, of several that a client may ask for, and those of them that have ended. */
  readonly #begun = new Set<number>()
  readonly #finished = new Set<number>()
  #ended = false
  #settle: (kept: boolean) => void = () => undefined
  usage: Usage | null = null
  /** Whether the agent kept its part: false where the stream broke, or stalled until it was given up. */
  readonly kept: Promise<boolean>

  constructor(source: AsyncIterator<Uint8Array>, options: AnswerStreamOptions) {
    this.#source = source
    this.#options = options
    this.kept = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  /** Whether more was asked for and nothing has come for long: not where the client doesn't take what is there. */
  get stalled(): boolean {
    const { clock, stallMs } = this.#options
    return this.#waitingSince !== null && clock.elapsedMs() - this.#waitingSince >= stallMs
  }

  /**
   * Reads up to the first token.
   * @throws AgentFailure (garbage, connection) when something else comes
   */
  async begin(): Promise<void> {
    for (;;) {
      const event = await this.#event('connection')
      if (event === null) throw new AgentFailure('garbage', 'the stream ended before its first token')
      const chunk = this.#read(event, null)
      if (chunk === null || this.#isHidden(chunk)) continue
      this.#held += `${event.text}\n\n`
      if (carriesToken(chunk)) return
      if (this.#held.length > maxHeldChars) throw new AgentFailure('garbage', 'no token among the first chunks')
    }
  }

  /**
   * The next events to pass on, each with the blank line that ends it; null when the answer is complete. `[DONE]` is left out.
   * @throws AgentFailure (broken-stream) when the answer breaks off or goes on as something else
   */
  async next(): Promise<string | null> {
    try {
      return await this.#next()
    } catch (failure) {
      this.close(false)
      throw failure
    }
  }

  /**
   * Ends the stream; what is still to come is left.
   * @param kept - whether the agent is blameless
   */
  close(kept = true): void {
    if (this.#ended) return
    this.#end(kept)
    this.#leave()
  }

  #end(kept: boolean): void {
    this.#ended = true
    this.#options.onEnd()
    this.#settle(kept)
  }

  #leave(): void {
    this.#source.return?.().catch(() => undefined)
  }

  async #next(): Promise<string | null> {
    if (this.#held !== '') {
      const held = this.#held
      this.#held = ''
      return held
    }
    for (;;) {
      const passed = this.#ended ? null : await this.#nextEvent()
      if (passed !== hidden) return passed
    }
  }

  async #nextEvent(): Promise<string | null | typeof hidden> {
    const event = await this.#event('broken-stream')
    if (event === null) {
      // Some endpoints close the connection in place of [DONE].
      if (!this.#isComplete || this.#parser.torn) throw new AgentFailure('broken-stream', 'the stream broke off')
      this.close()
      return null
    }
    if (event.data?.trim() === '[DONE]') {
      this.#end(true)
      // The client needn't wait for what the endpoint still does.
      void this.#drain().then(() => this.#leave())
      return null
    }
    // Comments are passed on as they came, signs of life as comments.
    if (event.data === null) return `${event.text}\n\n`
    const chunk = this.#read(event, 'broken-stream')
    if (chunk === null) return heartbeat
    return this.#isHidden(chunk) ? hidden : `${event.text}\n\n`
  }

  /** Whether a chunk only says what the stream used, which its client didn't ask. */
  #isHidden({ choices, usage }: Completion): boolean {
    return this.#options.hideUsage && choices.length === 0 && usage !== null
  }

  /** Whether every answer that was begun has ended. */
  get #isComplete(): boolean {
    return this.#begun.size > 0 && this.#begun.size === this.#finished.size
  }

  /**
   * @param whenBroken - what an error is once a token has come
   * @returns null for what isn't part of the answer
   * @throws AgentFailure for an error told in the stream, and for anything else that is no chunk of an answer
   */
  #read({ data, type }: ServerEvent, whenBroken: 'broken-stream' | null): Completion | null {
    if (data === null) return null
    const json = parseJson(data)
    const read = readAnswer(json, 'delta')
    if (read.kind === 'error') throw failureTold(read.error, whenBroken)
    if (type === 'error') {
      const error = { message: data.slice(0, 300), type: null, param: null, code: null, status: null }
      throw failureTold(error, whenBroken)
    }
    if (read.kind === 'nothing' || (type !== 'message' && read.kind === 'garbage')) return null
    if (read.kind === 'garbage') {
      const when = whenBroken === null ? 'began' : 'went on'
      throw new AgentFailure(
        whenBroken ?? 'garbage',
        `the stream ${when} with something else than a chunk of an answer`,
      )
    }
    const { completion } = read
    this.usage = completion.usage ?? this.usage
    for (const { index, finish } of completion.choices) {
      this.#begun.add(index)
      if (finish !== null) this.#finished.add(index)
    }
    return completion
  }

  /** Takes the few bytes that end the response, so that its connection can be used again. */
  async #drain(): Promise<void> {
    const { clock } = this.#options
    let over = false
    const late = new Promise<void>((resolve) => {
      clock.later(drained.ms, () => {
        over = true
        resolve()
      })
    })
    const rest = async () => {
      for (let bytes = 0; bytes <= drained.bytes && !over; ) {
        const { done, value } = await this.#source.next()
        if (done === true) return
        bytes += value.length
      }
    }
    await Promise.race([rest().catch(() => undefined), late])
  }

  async #event(whenBroken: 'connection' | 'broken-stream'): Promise<ServerEvent | null> {
    while (this.#waiting.length === 0) {
      const { done, value } = await this.#pull(whenBroken)
      if (done === true) return null
      try {
        this.#waiting = this.#parser.push(value)
      } catch (cause) {
        const outcome = whenBroken === 'connection' ? 'garbage' : whenBroken
        throw new AgentFailure(outcome, (cause as Error).message, { cause })
      }
    }
    return this.#waiting.shift()!
  }

  async #pull(whenBroken: 'connection' | 'broken-stream'): Promise<IteratorResult<Uint8Array>> {
    const { clock, stallMs } = this.#options
    this.#waitingSince = clock.elapsedMs()
    let giveUp = () => undefined as unknown
    const silence = new Promise<never>((_, reject) => {
      giveUp = clock.later(stallMs, () => {
        // Until the first token the time of the whole try is over first.
        reject(new AgentFailure(whenBroken === 'connection' ? 'timeout' : whenBroken, `nothing came for ${stallMs} ms`))
      })
    })
    try {
      return await Promise.race([this.#source.next(), silence])
    } catch (cause) {
      if (cause instanceof AgentFailure) throw cause
      throw new AgentFailure(whenBroken, `the connection broke: ${(cause as Error).message}`, { cause })
    } finally {
      giveUp()
      this.#waitingSince = null
    }
  }
}
