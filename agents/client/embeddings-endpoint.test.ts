import { createServer } from 'node:http'
import { expect, it } from 'vitest'
import { listenInTest } from '../testing/listen-in-test.js'
import { machineClock } from './clock.js'
import { EmbeddingsEndpoint } from './embeddings-endpoint.js'
import { noProxies } from './upstream-connections.js'

/** An endpoint that says this, whatever it is asked. */
async function saying(data: readonly object[]): Promise<EmbeddingsEndpoint> {
  const text = JSON.stringify({ object: 'list', data })
  const origin = await listenInTest(createServer((_, response) => void response.writeHead(200).end(text)))
  const settings = { name: 'e', endpoint: `${origin}/v1`, model: 'm', timeoutMs: 10_000 }
  return new EmbeddingsEndpoint(settings, { apiKey: undefined, proxies: noProxies, clock: machineClock })
}
const { signal } = new AbortController()

it('gives vectors of length 1, in the order of the texts, whatever the order of the answer', async () => {
  const endpoint = await saying([
    { index: 2, embedding: [0, 5] },
    { index: 0, embedding: [3, 4] },
    { index: 1, embedding: [0, 0] },
  ])
  const vectors = await endpoint.embed(['a', 'b', 'c'], signal)
  expect(vectors.map((vector) => [...vector])).toEqual([
    [Math.fround(0.6), Math.fround(0.8)],
    [0, 0],
    [0, 1],
  ])
  await endpoint.close()
})

it.each([
  ['too few', [{ index: 0, embedding: [1] }]],
  [
    'two of one text',
    [
      { index: 0, embedding: [1] },
      { index: 0, embedding: [2] },
    ],
  ],
  [
    'of other lengths',
    [
      { index: 0, embedding: [1] },
      { index: 1, embedding: [1, 2] },
    ],
  ],
])('refuses %s', async (_, data) => {
  const endpoint = await saying(data)
  await expect(endpoint.embed(['a', 'b'], signal)).rejects.toMatchObject({ outcome: 'garbage' })
  await endpoint.close()
})
