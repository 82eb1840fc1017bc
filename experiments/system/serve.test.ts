import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI, { APIError } from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sleep } from '#agents/testing/sleep.js'
import { sentences, textPolicy } from '#agents/testing/text-policy.js'
import { encodeRows } from '#env/encoding/encoder.js'
import { Rng } from '#env/rng.js'
import { layoutOf } from '#env/spec.js'
import { type ServeProcess, type StubProcess, startServe, startStubProcess } from '../testing/serve-process.js'
import { writeTextBundle } from '../testing/text-bundle.js'

const models = ['small', 'large']
const folder = mkdtempSync(join(tmpdir(), 'cadre-serve-'))
const made = writeTextBundle(join(folder, 'bundle'), textPolicy(models))
const stubs: StubProcess[] = []
let gateway: ServeProcess
let client: OpenAI

const team = (small: string, large: string, more = '') => `
name: two
policy: ./bundle
deadlineMs: 3000
agents:
  # Not in the order of the policy's actions.
  - { name: large, endpoint: '${large}', apiKey: { env: LARGE_KEY }, timeoutMs: 1000, price: { inputUsdPerMillion: 1, outputUsdPerMillion: 2 } }
  - { name: small, endpoint: '${small}', timeoutMs: 1000 }
${more}`

describe('cadre serve', () => {
  beforeAll(async () => {
    for (const behaviour of ['ok', 'ok', 'break']) stubs.push(await startStubProcess(behaviour))
    gateway = await startServe(folder, team(stubs[0]!.endpoint, stubs[1]!.endpoint), { LARGE_KEY: 'sk-large-1' })
    client = new OpenAI({ baseURL: gateway.url, apiKey: 'none', maxRetries: 0 })
  }, 30_000)
  afterAll(async () => {
    await gateway.stop()
    for (const stub of stubs) stub.close()
    rmSync(folder, { recursive: true })
  })

  it('prints where and what it serves', () => {
    expect(gateway.printed).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v1$/),
      model: 'cadre',
      agents: models,
      policy: { name: 'linear-q', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    })
  })

  it('chooses and scores 200 prompts live as offline, bit for bit', async () => {
    const { spec, policy, encoder } = made
    const texts = sentences(200, 'held-out')
    const layout = layoutOf(spec)
    const batch = {
      layout,
      size: 200,
      observation: new Float32Array(200 * layout.observationSize),
      mask: new Uint8Array(400).fill(1),
      observationId: new Int32Array(200).fill(-1),
      stateId: new Int32Array(200).fill(-1),
      state: new Float32Array(0),
      features: encodeRows(
        encoder,
        texts.map((text) => ({ text })),
      ),
      featureRow: Int32Array.from({ length: 200 }, (_, i) => i),
    }
    const actions = new Int32Array(200)
    const scores = new Float64Array(400)
    policy.act(batch, new Rng('offline'), actions)
    policy.scores(batch, scores)
    const before = gateway.decisions().length
    for (const [i, content] of texts.entries()) {
      const messages = [{ role: 'user' as const, content }]
      const { response } = await client.chat.completions.create({ model: 'cadre', messages }).withResponse()
      expect(response.headers.get('x-cadre-agent')).toBe(models[actions[i]!])
      expect(response.headers.get('x-cadre-reason')).toBe('policy')
      expect(Number(response.headers.get('x-cadre-score'))).toBe(scores[2 * i + actions[i]!])
    }
    expect(new Set(actions).size).toBe(2)
    const records = gateway.decisions().slice(before)
    expect(records).toHaveLength(200)
    records.forEach(({ scores: logged, state: { features } }, i) => {
      expect(logged).toEqual([...scores.subarray(2 * i, 2 * i + 2)])
      const { rowStart, index, value } = batch.features
      const [from, to] = [rowStart[i]!, rowStart[i + 1]!]
      expect(features?.index).toEqual([...index.subarray(from, to)])
      expect(Float32Array.from(features!.value)).toEqual(value.slice(from, to))
    })
  })

  it('works with the openai client: models, chat, streaming', async () => {
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['cadre', ...models])
    expect((await client.models.retrieve('large')).id).toBe('large')
    const messages = [{ role: 'user' as const, content: 'prime number' }]
    const whole = await client.chat.completions.create({ model: 'large', messages })
    expect(whole.choices[0]!.message.content).toBe('Hello from the stub: "prime number"')
    const stream = await client.chat.completions.create({
      model: 'cadre',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    })
    let text = ''
    let tokens: number | undefined
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ''
      tokens = chunk.usage?.total_tokens ?? tokens
    }
    expect([text, tokens]).toEqual(['Hello from the stub', 12])
  })

  it('gives the openai client errors that it knows', async () => {
    const messages = [{ role: 'user' as const, content: 'x' }]
    await expect(client.chat.completions.create({ model: 'gpt-9', messages })).rejects.toMatchObject({
      constructor: OpenAI.NotFoundError,
      code: 'model_not_found',
      param: 'model',
    })
    await expect(client.chat.completions.create({ model: 'cadre', messages: [] })).rejects.toMatchObject({
      constructor: OpenAI.BadRequestError,
      type: 'invalid_request_error',
    })
  })

  it('ends a stream that breaks with an error that the openai client raises', async () => {
    const own = mkdtempSync(join(tmpdir(), 'cadre-serve-'))
    const yaml = `{ name: broken, policy: { use: always, agent: a }, agents: [{ name: a, endpoint: '${stubs[2]!.endpoint}' }] }`
    const other = await startServe(own, yaml)
    const broken = new OpenAI({ baseURL: other.url, apiKey: 'none', maxRetries: 0 })
    const stream = await broken.chat.completions.create({
      model: 'cadre',
      messages: [{ role: 'user', content: 'x' }],
      stream: true,
    })
    let text = ''
    const read = async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
    }
    const error = await read().then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(APIError)
    expect((error as APIError).code).toBe('stream_interrupted')
    expect(text).toBe('Hel')
    expect((await other.stop()).code).toBe(0)
    rmSync(own, { recursive: true })
  })

  it('ends with 0 at SIGTERM once what is in work has ended, and starts again on a torn log', async () => {
    const own = mkdtempSync(join(tmpdir(), 'cadre-serve-'))
    const slow = await startStubProcess('slow')
    stubs.push(slow)
    const yaml = `{ name: slow, policy: { use: round-robin }, agents: [{ name: a, endpoint: '${slow.endpoint}' }] }`
    writeFileSync(join(own, 'decisions.jsonl'), '{"format":"cadre-dec')
    const first = await startServe(own, yaml)
    const ask = (url: string) =>
      new OpenAI({ baseURL: url, apiKey: 'none', maxRetries: 0 }).chat.completions.create({
        model: 'cadre',
        messages: [{ role: 'user', content: 'x' }],
      })
    const running = ask(first.url)
    await sleep(100)
    const ended = await first.stop()
    expect((await running).choices).toHaveLength(1)
    expect([ended.code, ended.signal]).toEqual([0, null])
    expect(ended.stderr).toMatch(/"the last line of the decision log was torn and is cut off"/)
    expect(first.decisions()).toHaveLength(1)

    const second = await startServe(own, yaml)
    await ask(second.url)
    second.child.kill('SIGKILL')
    await second.ended
    expect(second.decisions()).toHaveLength(2)
    expect(readdirSync(own)).toContain('decisions.jsonl.lock')

    const third = await startServe(own, yaml)
    await ask(third.url)
    expect((await third.stop()).code).toBe(0)
    expect(third.decisions()).toHaveLength(3)
    expect(readdirSync(own).sort()).toEqual(['decisions.jsonl', 'team.yaml'])
    rmSync(own, { recursive: true })
  }, 30_000)

  it('never writes keys or prompts', async () => {
    await client.chat.completions.create({ model: 'large', messages: [{ role: 'user', content: 'a private matter' }] })
    const log = readFileSync(join(folder, 'decisions.jsonl'), 'utf8')
    expect(log).not.toMatch(/sk-large|private matter/)
  })
})
