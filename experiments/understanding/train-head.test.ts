import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Head } from '#agents/llm/head.js'
import { type StubEndpoint, startStub } from '../../agents/testing/stub-endpoint.mjs'
import { loadExamples } from './load-examples.js'
import { trainHeadOf } from './train-head.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-head-'))
const out = join(folder, 'head')
let stub: StubEndpoint
beforeAll(async () => {
  stub = await startStub('embeddings')
})
afterAll(async () => {
  await stub.close()
  rmSync(folder, { recursive: true })
})

const file = join(folder, 'data.jsonl')
const lines = Array.from({ length: 80 }, (_, k) => {
  const intent = ['track', 'refund'][k % 2]!
  return JSON.stringify({ text: `${intent} number ${k}`, intent, slots: [] })
})
const train = async (more: object = {}) =>
  trainHeadOf(await loadExamples(file, folder), {
    ...{ out, endpoint: stub.endpoint, model: 'letters', cost: 1, env: {} },
    ...more,
  })

it('a head is trained on the same files as the models of words, with the vectors of an endpoint', async () => {
  writeFileSync(file, `${lines.join('\n')}\n`)
  const before = stub.requests
  const trained = await train({ keyEnv: 'KEY', env: { KEY: 'secret' } })
  expect(trained).toMatchObject({ head: out, labels: ['refund', 'track'], size: 26, sentences: 80, accuracy: 1 })
  expect(stub.requests - before).toBe(2)
  expect(stub.authorization).toBe('Bearer secret')
  const head = Head.decode(readFileSync(out))
  expect(trained.bytes).toBe(readFileSync(out).length)
  expect(head.description.embeddings).toBe('letters')
})

it('what is wrong is said', async () => {
  writeFileSync(file, `${lines.join('\n')}\n`)
  await expect(train({ endpoint: 'ftp://x' })).rejects.toThrow('--endpoint: expected a URL')
  await expect(train({ keyEnv: 'KEY' })).rejects.toThrow('--key-env: the environment variable KEY is not set')
  stub.behaviour = 'garbage'
  await expect(train()).rejects.toThrow(/^no embeddings from http:\/\/127\.0\.0\.1:\d+\/v1: not a list of embeddings/)
})
