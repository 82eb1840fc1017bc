import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import { dispatchSchemas } from '#agents/dispatch/dispatch-lines.js'
import { readLog } from '#agents/log/read-log.js'
import { type StubEndpoint, startStub } from '../../agents/testing/stub-endpoint.mjs'
import { loadAgent } from '../answering/load-agent.js'
import { loadServed } from '../answering/load-served.js'
import { loadTeam } from './load-team.js'
import { lineLogger, serve } from './serve.js'
import { serveAgent } from './serve-agent.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-serve-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** One agent, whom nobody asks. */
const team = (price: number) => `name: t
policy: { use: margin-minus-delay }
dispatch:
  tickMs: 10
  environment:
    types: [{ name: any, value: 10, arrival: 0.2, loss: 1 }]
    agents: [{ name: a, capacity: 2, skill: [0.8], price: ${price}, service: 0.9, fail: 0, repair: 1 }]
agents: [{ name: a, endpoint: 'http://127.0.0.1:9/v1' }]
`

it('read twice at once, the file that was read last holds, however long reading the first one took', async () => {
  const file = join(folder, 'team.yaml')
  const load = (price: number) => {
    writeFileSync(file, team(price))
    return loadTeam(file, { port: 0, env: {} })
  }
  const loaded = await load(1)
  const served = await serve(
    loaded,
    lineLogger(() => undefined),
  )
  const [two, three] = [await load(2), await load(3)]
  let slow = (_: typeof two) => {}
  const first = served.reload(() => new Promise((resolve) => (slow = resolve)))
  const second = served.reload(async () => three)
  const fast = Promise.race([second, new Promise((resolve) => setTimeout(resolve, 500))])
  await fast
  slow(two)
  await Promise.all([first, second])
  // Settings hold, and are written, from the next tick on.
  await new Promise((resolve) => setTimeout(resolve, 100))
  await served.stop()
  const { records } = readLog(readFileSync(loaded.logFile, 'utf8'), dispatchSchemas)
  const prices = records.flatMap(({ kind, fields }) =>
    kind === 'settings' ? (fields.environment.agents as { price: number }[]).map(({ price }) => price) : [],
  )
  expect(prices.at(-1)).toBe(3)
})

it('says what of a file that was read again needs a restart', async () => {
  const file = join(folder, 'restart.yaml')
  const written = (text: string) => {
    writeFileSync(file, text)
    return loadTeam(file, { port: 0, env: {} })
  }
  const told: { level: string; msg: string; settings?: string[] }[] = []
  const logger = lineLogger((line) => told.push(JSON.parse(line)))
  const served = await serve(await written(team(1)), logger)
  const levels = async (text: string) => {
    told.length = 0
    await served.reload(() => written(text))
    return told.map(({ level, msg }) => `${level} ${msg}`)
  }
  const taken = 'info policy, environment and types of queries were read again and hold from the next decision'
  expect(await levels(team(2))).toEqual([taken])
  const moved = team(2).replace('http://127.0.0.1:9/v1', 'http://127.0.0.1:8/v1')
  expect(await levels(`deadlineMs: 50000\n${moved}`)).toEqual([
    taken,
    'info reached elsewhere from now on: a',
    'warn the team file has changes that need a restart: deadlineMs',
  ])
  expect(await levels(team(2).replace('tickMs: 10', 'tickMs: 20'))).toEqual([
    'error the team file was read again and is not taken; the old settings go on',
  ])
  await served.stop()
})

/** Asks a gateway so often. @returns who was asked how often since it was asked last */
const askedOf = async (url: string, stubs: readonly StubEndpoint[], model: string, times = 4) => {
  const before = stubs.map(({ requests }) => requests)
  const ask = () =>
    fetch(`${url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Are returns free?' }] }),
    })
  const answers = await Promise.all(Array.from({ length: times }, ask))
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
  await Promise.all(answers.map((answer) => answer.text()))
  return stubs.map(({ requests }, k) => requests - before[k]!)
}

const writer = (endpoint: string) => `name: t
log: { file: ./writer.jsonl }
pipeline:
  environment:
    ask: null
    maxCalls: 2
    entry: [0, 0, 1]
    handOver: 0
    stages:
      - { name: find, agents: [{ name: words, price: 0, outcome: [[0, 0, 1], [0, 0, 1], [0, 0, 1]] }] }
      - { name: write, agents: [{ name: model, price: 0, outcome: [[0, 0, 1], [0, 0, 1], [0, 0, 1]] }] }
  agents:
    find/words: { use: keywords, documents: [./returns.txt] }
    write/model: { use: llm, model: m, endpoint: ${endpoint} }
`

it.each([
  [
    'a router',
    (endpoint: string) => `name: t
policy: { use: round-robin }
agents: [{ name: a, endpoint: ${endpoint} }]
`,
  ],
  ['a team that answers', writer],
])('%s asks the replicas that its file names by now', async (_, text) => {
  const reply = JSON.stringify({ answer: 'Returns are free.', citations: [] })
  const stubs = await Promise.all([0, 1, 2].map(() => startStub('says')))
  for (const stub of stubs) {
    stub.says = reply
    onTestFinished(() => stub.close())
  }
  const [a, b, c] = stubs.map(({ endpoint }) => endpoint) as [string, string, string]
  const file = join(folder, 'replicas.yaml')
  writeFileSync(join(folder, 'returns.txt'), 'Returns are free within 30 days.')
  const told: string[] = []
  const written = (endpoint: string, more = '') => {
    writeFileSync(file, text(endpoint) + more)
    return loadServed(file, { port: 0, env: {} })
  }
  const served = await serve(
    await written(a),
    lineLogger((line) => {
      const { level, msg } = JSON.parse(line) as { level: string; msg: string }
      told.push(`${level} ${msg}`)
    }),
  )
  onTestFinished(() => served.stop())
  const asked = () => askedOf(served.url, stubs, served.model)
  expect(await asked()).toEqual([4, 0, 0])
  await served.reload(() => written(`[${a}, ${b}]`))
  expect(await asked()).toEqual([2, 2, 0])
  await served.reload(() => written(`[${c}]`, 'deadlineMs: 90000\n'))
  expect(await asked()).toEqual([0, 0, 4])
  await served.reload(() => written('[]'))
  expect(await asked()).toEqual([0, 0, 4])
  const moved = /^info reached elsewhere from now on: (a|write\/model)$/
  expect(told).toEqual([
    expect.stringMatching(moved),
    expect.stringMatching(moved),
    'warn the team file has changes that need a restart: deadlineMs',
    'error the team file was read again and is not taken; the old settings go on',
  ])
})

it('an agent that is served alone asks the replicas that its file names by now', async () => {
  const stubs = await Promise.all([0, 1].map(() => startStub('says')))
  for (const stub of stubs) {
    stub.says = JSON.stringify({ answer: 'Returns are free.', citations: [] })
    onTestFinished(() => stub.close())
  }
  const [a, b] = stubs.map(({ endpoint }) => endpoint) as [string, string]
  const file = join(folder, 'alone.yaml')
  const written = (endpoint: string) => {
    writeFileSync(file, writer(endpoint))
    return loadAgent(file, 'model', { env: {} })
  }
  const told: string[] = []
  const served = await serveAgent(
    written(a),
    lineLogger((line) => told.push((JSON.parse(line) as { msg: string }).msg)),
  )
  onTestFinished(() => served.stop())
  expect(served.agent).toBe('write/model')
  const asked = async () => {
    const before = stubs.map(({ requests }) => requests)
    const passages = [{ id: 'p', text: 'Returns are free.', score: 1, source: { document: 'p' } }]
    const { status } = await fetch(`${served.url}/agent/handle`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'q', question: 'Are returns free?', found: { passages } }),
    })
    expect(status).toBe(200)
    return stubs.map(({ requests }, k) => requests - before[k]!)
  }
  expect(await asked()).toEqual([1, 0])
  served.reload(() => written(b))
  expect(await asked()).toEqual([0, 1])
  served.reload(() => written('nowhere'))
  expect(await asked()).toEqual([0, 1])
  expect(told).toEqual([
    'reached elsewhere from now on: write/model',
    'the team file was read again and is not taken; the old settings go on',
  ])
})
