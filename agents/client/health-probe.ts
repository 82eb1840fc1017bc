import type { TeamAgent } from '../team/team-schema.js'
import { AgentFailure } from './agent-failure.js'
import type { Clock } from './clock.js'

export type ProbeSettings = NonNullable<TeamAgent['probe']>

/** What a probe looks with. */
export interface Look {
  /** Resolves where the agent is well, else rejects with an AgentFailure or what the connection threw. */
  look(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** Hears of each change, and why. */
export type HealthListener = (up: boolean, reason: string) => void

/**
 * Looks at an agent again and again, one look at a time. It is down after so many failures in a row, and up again after so many
 * looks in a row that find it well; before the first change it counts as up.
 */
export class HealthProbe {
  readonly settings: ProbeSettings
  readonly #look: Look
  readonly #clock: Clock
  #up = true
  #reason: string | null = null
  /** Looks in a row that say otherwise than is thought. */
  #contrary = 0
  #stop: (() => void) | null = null

  constructor(settings: ProbeSettings, look: Look, clock: Clock) {
    this.settings = settings
    this.#look = look
    this.#clock = clock
  }

  get up(): boolean {
    return this.#up
  }

  /** What the last look found that failed; null after one that found the agent well. */
  get reason(): string | null {
    return this.#reason
  }

  /** Looks at once, and then every `everyMs`, as far as looks end in time. Starting it twice is starting it once. */
  start(heard: HealthListener): void {
    if (this.#stop !== null) return
    let cancel = () => {}
    let over = false
    const call = new AbortController()
    const round = async (): Promise<void> => {
      const began = this.#clock.elapsedMs()
      const failure = await this.#once(call.signal)
      if (over) return
      this.#take(failure, heard)
      const { everyMs } = this.settings
      cancel = this.#clock.later(Math.max(0, began + everyMs - this.#clock.elapsedMs()), () => void round())
    }
    this.#stop = () => {
      over = true
      cancel()
      call.abort()
    }
    void round()
  }

  /** Gives up a look on its way, and looks no more. */
  async close(): Promise<void> {
    this.#stop?.()
    await this.#look.close()
  }

  /** @returns what is wrong, or null */
  async #once(stopped: AbortSignal): Promise<string | null> {
    const { timeoutMs } = this.settings
    const call = new AbortController()
    const abort = () => call.abort()
    stopped.addEventListener('abort', abort)
    let late = () => undefined as unknown
    const inTime = new Promise<never>((_, reject) => {
      late = () => reject(new AgentFailure('timeout', `no answer in ${timeoutMs} ms`))
    })
    const cancel = this.#clock.later(timeoutMs, () => late())
    try {
      await Promise.race([this.#look.look(call.signal), inTime])
      return null
    } catch (error) {
      return told(error)
    } finally {
      cancel()
      abort()
      stopped.removeEventListener('abort', abort)
    }
  }

  #take(failure: string | null, heard: HealthListener): void {
    const { down, up } = this.settings
    this.#reason = failure
    if ((failure === null) === this.#up) {
      this.#contrary = 0
      return
    }
    this.#contrary++
    if (this.#contrary < (this.#up ? down : up)) return
    this.#contrary = 0
    this.#up = !this.#up
    heard(this.#up, failure ?? 'it answers its probe')
  }
}

/** What went wrong, in our own words: what an endpoint says may hold anything. */
function told(error: unknown): string {
  if (error instanceof AgentFailure) return `${error.outcome}: ${error.message}`
  const { code, message } = error as NodeJS.ErrnoException
  // What undici says tells more than its codes.
  return `connection: ${typeof code === 'string' && !code.startsWith('UND_') ? code : message}`
}
