import { AgentFailure } from './agent-failure.js'
import { type Completion, carriesToken, finishes, parseJson, readCompletion, type Usage } from './completion.js'
import { EventParser, type ServerEvent } from './event-parser.js'

const maxEventChars = 1_048_576
/** How much may come before the first token: chunks that only name a role. */
const maxHeldChars = 65_536

export interface AnswerStreamOptions {
  /** How long the agent may say nothing, when it is asked for more, before it counts as stalled. */
  readonly stallMs: number
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
  #finished = false
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
    return this.#waitingSince !== null && performance.now() - this.#waitingSince >= this.#options.stallMs
  }

  /**
   * Reads up to the first token.
   * @throws AgentFailure (garbage, connection) when something else comes
   */
  async begin(): Promise<void> {
    for (;;) {
      const event = await this.#event('connection')
      if (event === null) throw new AgentFailure('garbage', 'the stream ended before its first token')
      if (event.data === null) continue
      const chunk = this.#read(event.data)
      if (chunk === null)
        throw new AgentFailure('garbage', 'the stream began with something else than a chunk of an answer')
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
    this.#ended = true
    this.#options.onEnd()
    this.#settle(kept)
    this.#source.return?.().catch(() => undefined)
  }

  async #next(): Promise<string | null> {
    if (this.#held !== '') {
      const held = this.#held
      this.#held = ''
      return held
    }
    if (this.#ended) return null
    const event = await this.#event('broken-stream')
    if (event === null) {
      // Some endpoints close the connection in place of [DONE].
      if (!this.#finished || this.#parser.torn) throw new AgentFailure('broken-stream', 'the stream broke off')
      this.close()
      return null
    }
    if (event.data?.trim() === '[DONE]') {
      this.close()
      return null
    }
    if (event.data !== null && this.#read(event.data) === null) {
      throw new AgentFailure('broken-stream', 'the stream went on with something else than a chunk of an answer')
    }
    return `${event.text}\n\n`
  }

  #read(data: string): Completion | null {
    const chunk = readCompletion(parseJson(data), 'delta')
    if (chunk === null) return null
    this.usage = chunk.usage ?? this.usage
    this.#finished ||= finishes(chunk)
    return chunk
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
    this.#waitingSince = performance.now()
    try {
      return await this.#source.next()
    } catch (cause) {
      throw new AgentFailure(whenBroken, `the connection broke: ${(cause as Error).message}`, { cause })
    } finally {
      this.#waitingSince = null
    }
  }
}
