import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { teamAgentSchema } from '../team/team-schema.js'
import { GivenClock } from '../testing/given-clock.js'
import { AgentClient, type Question } from './agent-client.js'
import { AgentFailure } from './agent-failure.js'
import type { Answer } from './answer.js'
import type { AnswerStream } from './answer-stream.js'
import { noProxies } from './upstream-connections.js'

/** An endpoint that answers when it is told. */
class Told {
  readonly waiting: {
    readonly answer: () => void
    readonly stream: (kept: Promise<boolean>) => () => void
    readonly fail: (failure: AgentFailure) => void
  }[] = []
  asked = 0
  closed = false
}

const whole: Answer = { kind: 'whole', bytes: new Uint8Array(), usage: null }
let clock: GivenClock
let at: Map<string, Told>
const url = (name: string) => `http://127.0.0.1:9/${name}/v1`
const told = (name: string) => at.get(url(name))!
/** Lets everything happen that is due. */
const settle = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))

function clientOf(names: readonly string[], more: object = {}): AgentClient {
  const agent = teamAgentSchema.parse({ name: 'a', endpoint: names.map(url), retries: 0, ...more })
  const options = { apiKey: undefined, answerBytes: 1000, proxies: noProxies, clock }
  return new AgentClient(agent, options, (where) => {
    const one = new Told()
    at.set(where, one)
    return {
      refusesUsage: false,
      ask: (_question, signal, ended) =>
        new Promise((resolve, reject) => {
          one.asked++
          signal.addEventListener('abort', () => reject(new AgentFailure('aborted', 'given up')))
          one.waiting.push({
            answer: () => resolve(whole),
            stream: (kept) => {
              resolve({ kind: 'stream', stream: { kept } as AnswerStream })
              return ended
            },
            fail: reject,
          })
        }),
      close: async () => {
        one.closed = true
      },
    }
  })
}

const attempts: string[] = []
const question = (more: Partial<Question> = {}): Question => ({
  body: () => '{}',
  canAskUsage: false,
  stream: false,
  headers: [],
  signal: new AbortController().signal,
  othersWait: () => false,
  remainingMs: () => 60_000,
  onAttempt: ({ outcome, detail }) => void attempts.push(`${outcome}${detail === null ? '' : ` ${detail}`}`),
  ...more,
})
const broken = () => new AgentFailure('connection', 'ECONNREFUSED')

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
  clock = new GivenClock()
  at = new Map()
  attempts.length = 0
})
afterEach(() => vi.useRealTimers())

/** Lets time pass for breakers, too. */
const pass = (ms: number) => {
  vi.setSystemTime(Date.now() + ms)
  clock.pass(ms)
}

describe('the replicas of an agent', () => {
  it('are asked by the fewest requests on their way, the first of several in order', async () => {
    const client = clientOf(['x', 'y', 'z'])
    const first = Array.from({ length: 5 }, () => client.ask(question()))
    expect(client.outstanding).toEqual([2, 2, 1])
    told('y').waiting[0]!.answer()
    await settle()
    expect(client.outstanding).toEqual([2, 1, 1])
    const later = [client.ask(question()), client.ask(question()), client.ask(question())]
    expect(client.outstanding).toEqual([3, 2, 2])
    for (const { waiting } of at.values()) for (const { answer } of waiting) answer()
    await Promise.all([...first, ...later])
    expect(client.outstanding).toEqual([0, 0, 0])
  })

  it.each([
    [1, 640],
    [2, 320],
    [4, 160],
  ])('%i of them, each serving one at a time for 10 ms, answer 64 requests in %i ms', async (count, ms) => {
    const names = ['w', 'x', 'y', 'z'].slice(0, count)
    const client = clientOf(names)
    let left = 64
    const user = async () => {
      while (left-- > 0) await client.ask(question())
    }
    const users = Promise.all(Array.from({ length: 16 }, user))
    let served = 0
    while (served < 64) {
      await settle()
      for (const { waiting } of at.values()) waiting[0]?.answer()
      pass(10)
      for (const { waiting } of at.values()) if (waiting.shift() !== undefined) served++
    }
    await users
    expect(clock.elapsedMs()).toBe(ms)
    expect([...at.values()].map(({ asked }) => asked)).toEqual(names.map(() => 64 / count))
  })

  it('are tried again when the first of them is free, not when the one that failed last is', async () => {
    const client = clientOf(['x', 'y'], { retries: 1 })
    const asked = client.ask(question())
    await settle()
    told('x').waiting[0]!.fail(broken())
    await vi.waitFor(() => expect(told('y').asked).toBe(1))
    told('y').waiting[0]!.fail(new AgentFailure('rate-limited', 'busy', { status: 429, retryAfterMs: 20_000 }))
    // x broke its connection, and may be asked again after the shortest pause.
    await vi.waitFor(() => expect(told('x').asked).toBe(2), { timeout: 3000 })
    told('x').waiting[1]!.answer()
    expect(await asked).toBe(whole)
  })

  it('take the place of one that fails at once, which is no retry', async () => {
    const client = clientOf(['x', 'y'])
    const asked = client.ask(question())
    await settle()
    told('x').waiting[0]!.fail(broken())
    await vi.waitFor(() => expect(told('y').asked).toBe(1))
    told('y').waiting[0]!.answer()
    expect(await asked).toBe(whole)
    expect(attempts).toEqual([`connection ${url('x')}: ECONNREFUSED`, 'answered'])
    const lost = client.ask(question())
    const failed = expect(lost).rejects.toMatchObject({ outcome: 'connection' })
    await settle()
    told('x').waiting[1]!.fail(broken())
    await vi.waitFor(() => expect(told('y').asked).toBe(2))
    told('y').waiting[1]!.fail(broken())
    await failed
    expect(told('x').asked).toBe(2)
  })

  it('are tried again as often as the agent says when each has failed', async () => {
    const client = clientOf(['x', 'y'], { retries: 1 })
    const asked = client.ask(question())
    const failed = expect(asked).rejects.toMatchObject({ outcome: 'connection' })
    for (const [name, k] of [
      ['x', 0],
      ['y', 0],
      ['x', 1],
    ] as const) {
      await vi.waitFor(() => expect(told(name).asked).toBe(k + 1))
      told(name).waiting[k]!.fail(broken())
    }
    await failed
    expect([told('x').asked, told('y').asked]).toEqual([2, 1])
  })

  it('are left alone one by one when they keep failing, and tried again', async () => {
    const client = clientOf(['x', 'y'], { breaker: { failures: 2, halfOpenAfterMs: 1000 } })
    for (let k = 0; k < 2; k++) {
      const asked = client.ask(question())
      await settle()
      told('x').waiting[k]!.fail(broken())
      await vi.waitFor(() => expect(told('y').asked).toBe(k + 1))
      told('y').waiting[k]!.answer()
      await asked
    }
    expect(client.closedForMs).toBe(0)
    expect(client.breaker).toBe('closed')
    const alone = client.ask(question())
    await settle()
    expect([told('x').asked, told('y').asked]).toEqual([2, 3])
    told('y').waiting[2]!.answer()
    await alone
    pass(1001)
    // One request tests it, the next goes elsewhere meanwhile.
    const test = client.ask(question())
    const beside = client.ask(question())
    await settle()
    expect([told('x').asked, told('y').asked]).toEqual([3, 4])
    told('x').waiting[2]!.answer()
    told('y').waiting[3]!.answer()
    await Promise.all([test, beside])
    const again = client.ask(question())
    await settle()
    expect([told('x').asked, told('y').asked]).toEqual([4, 4])
    told('x').waiting[3]!.answer()
    await again
  })

  it('can be called as long as one of them can', async () => {
    const client = clientOf(['x', 'y'], { breaker: { failures: 1, halfOpenAfterMs: 1000 } })
    const asked = client.ask(question())
    const failed = expect(asked).rejects.toMatchObject({ outcome: 'connection' })
    await settle()
    told('x').waiting[0]!.fail(broken())
    await vi.waitFor(() => expect(told('y').asked).toBe(1))
    pass(400)
    expect(client.closedForMs).toBe(0)
    told('y').waiting[0]!.fail(broken())
    await failed
    expect([client.closedForMs, client.closedBy, client.breaker]).toEqual([600, 'breaker-open', 'open'])
    await expect(client.ask(question())).rejects.toMatchObject({ outcome: 'breaker-open', retryAfterMs: 600 })
    pass(601)
    expect([client.closedForMs, client.closedBy]).toEqual([0, null])
  })

  it('come and go while requests are on their way, which end where they began', async () => {
    const client = clientOf(['x', 'y'])
    const old = [client.ask(question()), client.ask(question())]
    const [x, y] = [told('x'), told('y')]
    client.setReplicas([url('y'), url('z')])
    expect(client.replicas).toEqual([url('y'), url('z')])
    expect(client.outstanding).toEqual([1, 0])
    const fresh = client.ask(question())
    await settle()
    expect([x.asked, y.asked, told('z').asked]).toEqual([1, 1, 1])
    expect(x.closed).toBe(false)
    x.waiting[0]!.answer()
    y.waiting[0]!.answer()
    told('z').waiting[0]!.answer()
    await Promise.all([...old, fresh])
    await settle()
    expect([x.closed, y.closed, told('z').closed]).toEqual([true, false, false])
    await client.close()
    expect([y.closed, told('z').closed]).toEqual([true, true])
  })

  it('count a stream until it is over', async () => {
    const client = clientOf(['x', 'y'])
    const asked = client.ask(question({ stream: true }))
    await settle()
    let kept: (whole: boolean) => void = () => {}
    const ended = told('x').waiting[0]!.stream(
      new Promise((resolve) => {
        kept = resolve
      }),
    )
    await asked
    expect(client.outstanding).toEqual([1, 0])
    client.setReplicas([url('y')])
    await settle()
    expect(told('x').closed).toBe(false)
    ended()
    kept(true)
    await settle()
    expect(told('x').closed).toBe(true)
  })

  it('are let go by a request that is given up', async () => {
    const client = clientOf(['x'])
    const leaving = new AbortController()
    const asked = client.ask(question({ signal: leaving.signal }))
    const failed = expect(asked).rejects.toMatchObject({ outcome: 'aborted' })
    await settle()
    leaving.abort()
    await failed
    await settle()
    expect(client.outstanding).toEqual([0])
  })
})

describe('the endpoints of an agent', () => {
  it.each([
    [[], /at least|>=1/],
    [['http://127.0.0.1:9/v1', 'http://127.0.0.1:9/v1/'], /stands twice; name each replica once/],
    [['ftp://x/v1', 'ftp://y/v1'], /got .*ftp:..y.v1/],
    [['http://127.0.0.1:9/v1', 'ftp://x/v1'], /http:\/\/ or https:/],
    [['http://me:secret@127.0.0.1:9/v1'], /password/],
    [5, /expected/],
  ])('%j: refused', (endpoint, message) => {
    const parsed = teamAgentSchema.safeParse({ name: 'a', endpoint })
    expect(JSON.stringify(parsed.error?.issues)).toMatch(message)
    expect(JSON.stringify(parsed.error?.issues)).not.toContain('secret')
  })
})
