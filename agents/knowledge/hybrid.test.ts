import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { machineClock } from '../client/clock.js'
import { agentRequestSchema } from '../contract/agent.js'
import { agentConformance } from '../testing/agent-conformance.js'
import { type StubEndpoint, startStub } from '../testing/stub-endpoint.mjs'
import { testResources } from '../testing/test-resources.js'
import { fuseRanks } from './fuse-ranks.js'
import { hybrid } from './hybrid.js'

let stub: StubEndpoint
beforeAll(async () => {
  stub = await startStub('embeddings')
})
afterAll(() => stub.close())

const files = { 'a.txt': 'Returns are free.', 'b.txt': 'zzz zebras zigzag', 'c.txt': 'A parcel takes two days.' }
const requestOf = (question: string) => agentRequestSchema.parse({ id: 'q', question })
const call = () => ({
  signal: new AbortController().signal,
  deadline: machineClock.elapsedMs() + 60_000,
  trace: () => {},
})
const create = (more: object = {}) =>
  hybrid.create(
    hybrid.schema.parse({ endpoint: stub.endpoint, model: 'm', documents: Object.keys(files), ...more }),
    testResources('hybrid', files),
  )

describe('hybrid', () => {
  agentConformance(() => ({ agent: create(), request: requestOf('Are returns free?') }))
})

describe('ranks', () => {
  it('are fused by their reciprocals', () => {
    expect(
      fuseRanks(
        [
          { keys: ['a', 'b'], weight: 1 },
          { keys: ['b', 'c', 'a'], weight: 2 },
        ],
        1,
      ),
    ).toEqual([
      { key: 'b', score: 1 / 3 + 2 / 2 },
      { key: 'a', score: 1 / 2 + 2 / 4 },
      { key: 'c', score: 2 / 3 },
    ])
    expect(
      fuseRanks([
        { keys: ['y'], weight: 1 },
        { keys: ['x'], weight: 1 },
      ]).map(({ key }) => key),
    ).toEqual(['x', 'y'])
  })
})

describe('the hybrid agent', () => {
  beforeEach(() => {
    stub.behaviour = 'embeddings'
  })

  it('ranks by words or by vectors first, as the weight says', async () => {
    // By words a.txt comes before b.txt, by letters b.txt before a.txt.
    const first = async (weight: number) => {
      const agent = create({ weight })
      const { found } = await agent.handle(requestOf('returns free zebras zzzzzzzz'), call())
      await agent.close?.()
      return found.passages![0]!.source.document
    }
    expect(await first(0.5)).toBe('a.txt')
    expect(await first(2)).toBe('b.txt')
    expect(() => hybrid.schema.parse({ endpoint: stub.endpoint, model: 'm', documents: ['a'], weight: 0 })).toThrow()
  })

  it('finds by meaning what no word of the question has', async () => {
    const { found, confidence } = await create({ top: 1 }).handle(requestOf('zzzz?'), call())
    expect(found.passages!.map(({ source }) => source.document)).toEqual(['b.txt'])
    const sure = await create({ top: 1 }).handle(requestOf('Returns are free.'), call())
    expect(sure.found.passages![0]!.source.document).toBe('a.txt')
    expect(sure.confidence).toBeGreaterThan(confidence)
  })

  it('cannot be called while its endpoint is left alone', async () => {
    stub.behaviour = '500'
    const agent = create()
    expect(agent.isUp!()).toBe(true)
    for (let k = 0; k < 20 && agent.isUp!(); k++) await expect(agent.handle(requestOf('x'), call())).rejects.toThrow()
    expect(agent.isUp!()).toBe(false)
    await agent.close!()
  })

  it('asks for the vectors of its passages once, in batches, and again where that failed', async () => {
    const agent = create({ batch: 2 })
    stub.behaviour = '500'
    const begun = stub.requests
    await expect(agent.handle(requestOf('zebra'), call())).rejects.toMatchObject({ outcome: 'server-error' })
    // The question and a batch go out side by side: whichever fails first, both have come.
    await expect.poll(() => stub.requests - begun).toBe(2)
    stub.behaviour = 'embeddings'
    const before = stub.requests
    await agent.handle(requestOf('zebra'), call())
    // Two batches and the question.
    expect(stub.requests - before).toBe(3)
    await agent.handle(requestOf('zebra'), call())
    expect(stub.requests - before).toBe(4)
    expect(stub.last).toEqual({ model: 'm', input: ['zebra'] })
  })

  it.each([
    ['garbage', 'garbage'],
    ['garbage-json', 'garbage'],
    ['429', 'rate-limited'],
    ['401', 'refused'],
    ['reset', 'connection'],
    ['hang', 'timeout'],
  ])('fails as its endpoint does: %s', async (behaviour, outcome) => {
    stub.behaviour = behaviour
    await expect(create({ timeoutMs: 100 }).handle(requestOf('zebra'), call())).rejects.toMatchObject({ outcome })
  })
})
