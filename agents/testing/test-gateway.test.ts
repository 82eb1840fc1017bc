import { createServer } from 'node:http'
import { expect, it } from 'vitest'
import { listenInTest } from './listen-in-test.js'
import { ask, contentOf, startStubbed } from './test-gateway.js'

const started: string[] = []

it('a stubbed gateway answers, and so does a server that listens, as long as the test runs', async () => {
  const { post, url, stubs } = await startStubbed(['ok'])
  const origin = await listenInTest(createServer((_, outgoing) => outgoing.end('here')))
  expect(await contentOf(await post(ask('What?')))).toBe('Hello from the stub: "What?"')
  expect(await (await fetch(origin)).text()).toBe('here')
  started.push(`${url}/models`, `${stubs[0]!.endpoint}/models`, origin)
})

it('and are closed when it is over', async () => {
  expect(started).toHaveLength(3)
  for (const url of started) await expect(fetch(url)).rejects.toThrowError(/fetch failed/)
})
