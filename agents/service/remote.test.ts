import { createServer } from 'node:http'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { AgentFailure } from '../client/agent-failure.js'
import { machineClock } from '../client/clock.js'
import { type Agent, agentRequestSchema, type Call } from '../contract/agent.js'
import { CheckedAgent } from '../contract/checked-agent.js'
import { agentConformance } from '../testing/agent-conformance.js'
import { listenInTest } from '../testing/listen-in-test.js'
import { startAgentService } from '../testing/start-agent-service.js'
import { testResources } from '../testing/test-resources.js'
import { RulesUnderstanding } from '../understanding/rules-understanding.js'
import { understandingRulesSchema } from '../understanding/understanding-rules.js'
import { remote } from './remote.js'

const rules = new RulesUnderstanding(
  understandingRulesSchema.parse({
    intents: [{ intent: 'track', patterns: ['where ... {order}'] }],
    slots: [{ slot: 'order', shape: 'x-0000' }],
  }),
  'understand/rules',
)
const request = agentRequestSchema.parse({ id: 'q', question: 'where is A-1001' })
const call = (more: Partial<Call> = {}): Call => ({
  signal: new AbortController().signal,
  deadline: machineClock.elapsedMs() + 60_000,
  trace: () => {},
  ...more,
})
const remoteAt = (
  endpoint: string,
  more: object = {},
  secret: (name: string) => string | undefined = () => undefined,
) => remote.create(remote.schema.parse({ endpoint, retries: 0, ...more }), { ...testResources('far'), secret })

let service: Awaited<ReturnType<typeof startAgentService>>
beforeAll(async () => {
  service = await startAgentService(rules)
})
afterAll(() => service.close())

describe('remote', () => {
  agentConformance(() => ({ agent: remoteAt(service.url), request }))
})

/** An agent that does as it is told. */
const agentThat = (handle: Agent['handle'], name = 'odd'): Agent => ({
  card: { name, summary: 'does as it is told', adds: ['drafts'], needs: [], repeats: true, longestQuestion: 1000 },
  handle,
})
const draft = { agent: 'odd', text: 'Yes.', confidence: 0.5, provenance: [] }
const answer = { found: { drafts: [draft] }, confidence: 0.5, costUsd: 0.25, provenance: [] }
const served = async (agent: Agent, more: Parameters<typeof startAgentService>[1] = {}) => {
  const { url, close } = await startAgentService(agent, more)
  onTestFinished(close)
  return url
}
/** A service that says this, whatever it is asked. */
const saying = async (body: unknown, status = 200) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return `${await listenInTest(createServer((_, response) => void response.writeHead(status).end(text)))}/v1`
}

describe('an agent that is a service', () => {
  it('answers as it does here, with its cost and what it tells of its work', async () => {
    const told: unknown[] = []
    const url = await served(
      agentThat(async (_, { trace }) => {
        trace('thought', { steps: 2 })
        trace('done')
        return answer
      }),
    )
    const said = await remoteAt(url).handle(
      request,
      call({ trace: (event, detail) => void told.push([event, detail]) }),
    )
    expect(said).toEqual(answer)
    expect(told.slice(1)).toEqual([
      ['thought', { steps: 2 }],
      ['done', {}],
    ])
  })

  it('reads and writes what is known in the conversation as it does here', async () => {
    const known = [{ key: 'slots/order', value: 'A-1001', owner: 'rules', source: null }]
    const memory = { known, mayWrite: ['order/'] }
    const seen: unknown[] = []
    const remember = [{ key: 'order/state', value: 'sent', source: null }]
    const url = await served(
      agentThat(async (asked) => {
        seen.push(asked.memory)
        return { ...answer, remember }
      }),
    )
    expect(await remoteAt(url).handle({ ...request, memory }, call())).toEqual({ ...answer, remember })
    expect(seen).toEqual([memory])
    const without = remoteAt(url).handle(request, call())
    await expect(without).rejects.toMatchObject({
      outcome: 'garbage',
      message: expect.stringMatching(/may write nothing/),
    })
  })

  it.each([
    ['unfit', 'unfit'],
    ['timeout', 'timeout'],
    ['garbage', 'garbage'],
    ['bad-request', 'bad-request'],
    ['rate-limited', 'rate-limited'],
    ['server-error', 'server-error'],
    ['breaker-open', 'server-error'],
    ['refused', 'server-error'],
  ] as const)('fails with %s: its caller hears of %s', async (outcome, heard) => {
    const url = await served(agentThat(() => Promise.reject(new AgentFailure(outcome, 'no, because'))))
    const asked = remoteAt(url).handle(request, call())
    await expect(asked).rejects.toMatchObject({ name: 'AgentFailure', outcome: heard, message: 'no, because' })
  })

  it('that leads in a circle says so, and is asked once', async () => {
    let asked = 0
    const url = await served(
      agentThat(() => {
        asked++
        return Promise.reject(new AgentFailure('refused', 'HTTP 508', { status: 508 }))
      }),
    )
    const failure = remoteAt(url, { retries: 2 }).handle(request, call())
    await expect(failure).rejects.toMatchObject({ outcome: 'refused', status: 508 })
    expect(asked).toBe(1)
  })

  it('that breaks tells nobody why', async () => {
    const url = await served(agentThat(() => Promise.reject(new TypeError('secret of mine'))))
    const failure = (await remoteAt(url)
      .handle(request, call())
      .catch((error: unknown) => error)) as AgentFailure
    expect(failure.outcome).toBe('server-error')
    expect(failure.detail).toBe('the agent failed; the log of its service has the cause')
  })

  it('is given the time that is left, and no more than its own team gives', async () => {
    const left: number[] = []
    const agent = agentThat(async (_, { deadline }) => {
      left.push(deadline - machineClock.elapsedMs())
      return answer
    })
    const url = await served(agent, { deadlineMs: 5000 })
    await remoteAt(url).handle(request, call({ deadline: machineClock.elapsedMs() + 2000 }))
    await remoteAt(url).handle(request, call())
    expect(left[0]).toBeLessThanOrEqual(2000)
    expect(left[0]).toBeGreaterThan(0)
    expect(left[1]).toBeLessThanOrEqual(5000)
    expect(left[1]).toBeGreaterThan(2000)
  })

  it('tells as much as its caller takes: long texts are cut, and numbers that JSON has not are words', async () => {
    const told: unknown[] = []
    const url = await served(
      agentThat(async (_, { trace }) => {
        trace('x'.repeat(2000), { problem: 'y'.repeat(1001), much: Number.POSITIVE_INFINITY })
        for (let k = 0; k < 2000; k++) trace('more')
        return answer
      }),
    )
    const said = await remoteAt(url).handle(
      request,
      call({ trace: (event, detail) => void told.push([event, detail]) }),
    )
    expect(said).toEqual(answer)
    expect(told[1]).toEqual(['x'.repeat(1000), { problem: 'y'.repeat(1000), much: 'Infinity' }])
    expect(told).toHaveLength(1001)
  })

  it('is asked without a limit where there is none', async () => {
    expect(await remoteAt(service.url).handle(request, call({ deadline: Number.POSITIVE_INFINITY }))).toHaveProperty(
      'found',
    )
  })

  it('gives up when its caller goes away', async () => {
    let gone: () => void
    const heard = new Promise<void>((resolve) => {
      gone = resolve
    })
    let begun: () => void
    const works = new Promise<void>((resolve) => {
      begun = resolve
    })
    const agent = agentThat(
      (_, { signal }) =>
        new Promise((_, reject) => {
          begun()
          signal.addEventListener('abort', () => {
            gone()
            reject(new AgentFailure('aborted', 'given up'))
          })
        }),
    )
    const url = await served(agent)
    const leaving = new AbortController()
    const asked = remoteAt(url).handle(request, call({ signal: leaving.signal }))
    const failed = expect(asked).rejects.toMatchObject({ outcome: 'aborted' })
    await works
    leaving.abort()
    await Promise.all([heard, failed])
  })

  it('wants the key of its team', async () => {
    const url = await served(rules, { key: 'sesame' })
    await expect(remoteAt(url).handle(request, call())).rejects.toMatchObject({ outcome: 'refused', status: 401 })
    const settings = { apiKey: { env: 'KEY' } }
    const { found } = await remoteAt(url, settings, () => 'sesame').handle(request, call())
    expect(found.frame?.intent).toBe('track')
    expect(() => remoteAt(url, settings)).toThrow('the environment variable KEY is not set')
  })

  it.each([
    ['no JSON', '<html>', 'garbage'],
    ['another object', { hello: 1 }, 'garbage'],
    ['a confidence above 1', { ...answer, confidence: 2 }, 'garbage'],
    ['a cost below 0', { ...answer, costUsd: -1 }, 'garbage'],
    ['a draft without words', { ...answer, found: { drafts: [{ ...draft, text: null }] } }, 'garbage'],
    ['an unknown key', { ...answer, found: { drafts: [draft], secret: 1 } }, 'garbage'],
    [
      'a source that nobody found',
      { ...answer, found: { drafts: [{ ...draft, provenance: [{ document: 'x' }] }] } },
      'garbage',
    ],
    ['a trace that is none', { ...answer, trace: [{ event: 1 }] }, 'garbage'],
    ['what it may not add', { ...answer, found: { passages: [] } }, 'garbage'],
  ])('is not believed: %s', async (_, body, outcome) => {
    const agent = new CheckedAgent(remoteAt(await saying(body), { adds: ['drafts'] }), machineClock)
    await expect(agent.handle(request, call())).rejects.toMatchObject({ name: 'AgentFailure', outcome })
  })

  it('is left alone when it keeps failing, and counts as down meanwhile', async () => {
    const agent = remoteAt(await saying('no', 500), { breaker: { failures: 2 } })
    expect(agent.isUp!()).toBe(true)
    for (let k = 0; k < 2; k++) await expect(agent.handle(request, call())).rejects.toThrow()
    expect(agent.isUp!()).toBe(false)
    await expect(agent.handle(request, call())).rejects.toMatchObject({ outcome: 'breaker-open' })
  })
})

describe('the HTTP service of an agent', () => {
  const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${url}/agent/handle`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })

  it('says what is wrong with a request', async () => {
    for (const [body, message] of [
      ['{', /not JSON/],
      [{ id: 'q' }, /question/],
      [{ id: 'q', question: 'x', found: { frame: 1 } }, /found\.frame/],
      [{ id: 'q', question: 'x', deadlineMs: 0 }, /deadlineMs/],
    ] as const) {
      const response = await post(service.url, body)
      expect(response.status).toBe(400)
      expect(((await response.json()) as { error: { message: string } }).error.message).toMatch(message)
    }
    expect((await fetch(`${service.url}/agent/handle`)).status).toBe(405)
  })

  it('answers pages in a browser by loopback names only', async () => {
    const { status } = await new Promise<{ status: number }>((resolve, reject) => {
      import('node:http').then(({ request: open }) => {
        const { port } = new URL(service.url)
        const options = { port, path: '/v1/models', headers: { host: 'evil.example' } }
        open(options, (response) => resolve({ status: response.resume().statusCode! }))
          .on('error', reject)
          .end()
      }, reject)
    })
    expect(status).toBe(403)
  })

  it('is healthy and ready, and lists itself as its only model', async () => {
    const origin = service.url.replace(/\/v1$/, '')
    expect((await fetch(`${origin}/healthz`)).status).toBe(200)
    expect((await fetch(`${origin}/readyz`)).status).toBe(200)
    const { data } = (await (await fetch(`${service.url}/models`)).json()) as { data: { id: string }[] }
    expect(data.map(({ id }) => id)).toEqual(['understand/rules'])
  })

  it('answers chat completions, whole and streamed', async () => {
    const url = await served(
      agentThat(async ({ question, history }) => {
        const text = `${history.map((turn) => turn.text).join(', ')}; ${question}`
        return { ...answer, found: { drafts: [{ ...draft, text }] } }
      }),
    )
    const client = new OpenAI({ baseURL: url, apiKey: 'none', maxRetries: 0 })
    const asked = {
      model: 'odd',
      messages: [
        { role: 'system' as const, content: 'Be kind.' },
        { role: 'user' as const, content: 'Hello' },
        { role: 'assistant' as const, content: 'Hi' },
        { role: 'user' as const, content: 'Really?' },
      ],
    }
    const whole = await client.chat.completions.create(asked)
    expect(whole.choices[0]!.message.content).toBe('Hello, Hi; Really?')
    expect(whole).toMatchObject({ model: 'odd', cadre: { confidence: 0.5, costUsd: 0.25 } })
    let streamed = ''
    for await (const { choices } of await client.chat.completions.create({ ...asked, stream: true })) {
      streamed += choices[0]?.delta.content ?? ''
    }
    expect(streamed).toBe('Hello, Hi; Really?')
    await expect(client.chat.completions.create({ ...asked, model: 'other' })).rejects.toMatchObject({ status: 404 })
    const silent = { ...asked, messages: [{ role: 'system' as const, content: 'x' }] }
    await expect(client.chat.completions.create(silent)).rejects.toMatchObject({ status: 400 })
  })

  it('shows what was found by an agent that writes nothing', async () => {
    const client = new OpenAI({ baseURL: service.url, apiKey: 'none', maxRetries: 0 })
    const messages = [{ role: 'user' as const, content: 'where is A-1001' }]
    const { choices } = await client.chat.completions.create({ model: 'understand/rules', messages })
    expect(JSON.parse(choices[0]!.message.content!)).toMatchObject({ frame: { intent: 'track' } })
  })
})

describe('services that lead to each other', () => {
  it('end: the one that is asked again refuses, and is not tried again', async () => {
    let asked = 0
    let back: Agent | null = null
    const first = await served(
      agentThat((question, own) => {
        asked++
        return back!.handle(question, own)
      }),
    )
    back = remoteAt(await served(remoteAt(first)))
    const failure = await remoteAt(first, { retries: 2 })
      .handle(request, call())
      .then(null, (error: AgentFailure) => error)
    expect(failure).toBeInstanceOf(AgentFailure)
    // A loop is a loop: nobody on the way back tries again.
    expect(asked).toBe(1)
  })

  it('tell each other the way, and refuse who was there', async () => {
    const hops: (readonly string[] | undefined)[] = []
    const url = await served(
      agentThat(async (_, own) => {
        hops.push(own.hops)
        return answer
      }),
    )
    await remoteAt(url).handle(request, call({ hops: ['gateway'] }))
    expect(hops).toEqual([['gateway', expect.any(String)]])
    const again = remoteAt(url, { retries: 2 }).handle(request, call({ hops: hops[0]! }))
    await expect(again).rejects.toMatchObject({ outcome: 'refused', status: 508 })
    expect(hops).toHaveLength(1)
  })
})
