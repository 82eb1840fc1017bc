import { describe, expect, it } from 'vitest'
import { ask, startStubbed } from '../testing/test-gateway.js'

const price = { inputUsdPerMillion: 1, outputUsdPerMillion: 10 }
const setUp = (...behaviours: string[]) =>
  startStubbed(behaviours, { deadlineMs: 20_000 }, { price, timeoutMs: 10_000 })

const streamed = (more: object = {}) => ask('What?', { stream: true, ...more })
/** The chunks of a stream, as the client reads them. */
const chunksOf = async (response: Response) => {
  const events = (await response.text()).split('\n\n').filter((event) => event !== '')
  expect(events.pop()).toBe('data: [DONE]')
  return events.map((event) => JSON.parse(event.slice('data: '.length)) as { choices: object[]; usage?: object | null })
}
const usesOf = (chunks: readonly { usage?: object | null }[]) => chunks.filter(({ usage }) => usage).length

describe('the cost of a stream', () => {
  it('is known though the client does not ask, who reads no more than what it asked', async () => {
    const { post, stubs, sink } = await setUp('ok')
    const chunks = await chunksOf(await post(streamed()))
    expect(stubs[0]!.last).toEqual(streamed({ model: 'a', stream_options: { include_usage: true } }))
    expect([chunks.length, usesOf(chunks)]).toEqual([6, 0])
    expect((await sink.last(1)).outcome).toMatchObject({ promptTokens: 10, completionTokens: 2, costUsd: 30e-6 })
  })

  it.each([
    [{ include_usage: true }, { include_usage: true }, 1],
    [{ include_usage: false, more: 1 }, { include_usage: true, more: 1 }, 0],
    [null, { include_usage: true }, 0],
  ])('%j: the client gets what it asked for', async (options, sent, uses) => {
    const { post, stubs, sink } = await setUp('ok')
    const chunks = await chunksOf(await post(streamed({ stream_options: options })))
    expect((stubs[0]!.last as { stream_options: object }).stream_options).toEqual(sent)
    expect([chunks.length, usesOf(chunks)]).toEqual([6 + uses, uses])
    expect((await sink.last(1)).outcome.costUsd).toBe(30e-6)
  })

  it('leaves out chunks that only say what was used, wherever they stand, and no others', async () => {
    const { post, sink } = await setUp('usage-twice')
    const chunks = await chunksOf(await post(streamed()))
    expect(chunks.map(({ choices, usage }) => [choices.length, usage === null ? null : typeof usage])).toEqual([
      [1, null],
      [1, 'object'],
    ])
    expect((await sink.last(1)).outcome.costUsd).toBe(30e-6)
  })

  it('is not asked with whole answers', async () => {
    const { post, stubs } = await setUp('ok')
    await post(ask('What?'))
    expect(stubs[0]!.last).toEqual(ask('What?', { model: 'a' }))
  })
})

describe('an endpoint that refuses to be asked', () => {
  it.each(['no-usage', 'no-usage-422'])(
    '%s: is asked again without, once; the cost is null, and the log and a warning say why',
    async (behaviour) => {
      const { post, stubs, sink, told } = await setUp(behaviour)
      for (let k = 1; k <= 3; k++) {
        expect(await chunksOf(await post(streamed()))).toHaveLength(6)
        const { attempts, outcome } = await sink.last(k)
        expect(outcome).toMatchObject({ ended: 'answered', promptTokens: null, costUsd: null })
        expect(attempts).toMatchObject([
          { outcome: 'answered', detail: expect.stringMatching(/refuses stream_options/) },
        ])
      }
      expect(stubs[0]!.requests).toBe(4)
      expect(told).toEqual([expect.stringMatching(/^warn agent "a" answers, but it refuses stream_options/)])
    },
  )

  it('gets the question of a client that asks itself, and the client its refusal', async () => {
    const { post, stubs } = await setUp('no-usage')
    const response = await post(streamed({ stream_options: { include_usage: true } }))
    expect([response.status, stubs[0]!.requests]).toEqual([400, 1])
    expect(await response.text()).toContain('Unrecognized request argument supplied: stream_options')
  })

  it('is not taken for one by an error that means something else', async () => {
    const { post, stubs, sink } = await setUp('echo-400')
    const response = await post(streamed())
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('temperature')])
    stubs[0]!.behaviour = 'ok'
    await chunksOf(await post(streamed()))
    expect((await sink.last(2)).outcome.costUsd).toBe(30e-6)
  })
})
