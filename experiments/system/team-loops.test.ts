import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { readLog } from '#agents/log/read-log.js'
import { pipelineSchemas } from '#agents/pipeline/pipeline-lines.js'
import { ConfigError } from '#env/errors.js'
import { loadServed } from '../answering/load-served.js'
import { customerService } from '../answering/make-customer-service.js'
import { lineLogger, serve } from '../serve/serve.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-loops-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The customer service in a folder of its own, with a model behind this endpoint as its writer. */
function answering(name: string, endpoint: string, listen: string): string {
  const own = join(folder, name)
  cpSync(customerService, own, { recursive: true })
  const text = readFileSync(join(own, 'team.yaml'), 'utf8')
  const writer = /write\/extract: .*/
  expect(text).toMatch(writer)
  const file = join(own, 'team.yaml')
  const model = `write/extract: { use: llm, endpoint: '${endpoint}', model: cadre, retries: 0 }`
  writeFileSync(file, `${text.replace(writer, model)}listen: ${listen}\n`)
  return file
}

async function problemsOf(file: string): Promise<string[]> {
  try {
    await loadServed(file, { env: {} })
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.message.split('\n')
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function served(file: string) {
  const loaded = await loadServed(file, { env: {} })
  const { url, stop } = await serve(
    loaded,
    lineLogger(() => {}),
  )
  onTestFinished(stop)
  return { url, log: () => readLog(readFileSync(loaded.logFile, 'utf8'), pipelineSchemas).records }
}

describe('a team that hands over to itself', () => {
  it('is refused where it stands: its writer is where it listens', async () => {
    const own = 'http://localhost:8123/v1'
    const [problem, ...others] = await problemsOf(answering('own', own, '{ port: 8123 }'))
    expect(others).toEqual([])
    expect(problem).toMatch(
      /team\.yaml:\d+:\d+: pipeline\.agents\.write\/extract\.endpoint: http:\/\/localhost:8123\/v1 is where this team itself listens/,
    )
    expect(await problemsOf(answering('elsewhere', own, '{ port: 8124 }'))).toEqual([])
  })

  it('is refused like any team that everybody could call', async () => {
    const open = answering('open', 'http://127.0.0.1:1/v1', "{ host: '0.0.0.0' }")
    expect((await problemsOf(open)).join()).toMatch(/listen\.host: "0\.0\.0\.0" can be reached from other machines/)
  })

  it('through another team ends: the writer counts as failed, and the question is answered or handed over', async () => {
    const [first, second] = [await freePort(), await freePort()]
    const a = await served(answering('ring', `http://127.0.0.1:${second}/v1`, `{ port: ${first} }`))
    const router = join(folder, 'router.yaml')
    writeFileSync(
      router,
      `name: router\npolicy: { use: round-robin }\nlisten: { port: ${second} }\nagents:\n  - { name: back, endpoint: 'http://127.0.0.1:${first}/v1', model: cadre, retries: 0 }\n`,
    )
    const b = await served(router)
    const response = await fetch(`${a.url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'cadre',
        messages: [{ role: 'user', content: 'what does express delivery cost' }],
      }),
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('x-cadre-end')).toMatch(/^(answer|handOver)$/)
    const calls = a.log().filter(({ kind, fields }) => kind === 'call' && fields.agent === 'write/extract')
    expect(calls.length).toBeGreaterThan(0)
    for (const { fields } of calls) expect(fields).toMatchObject({ grade: null })
    // One question came in, however often the other team was asked.
    const questions = new Set(a.log().flatMap(({ kind, fields }) => (kind === 'decision' ? [fields.request] : [])))
    expect(questions.size).toBe(1)
    const outcomes = b.log().flatMap(({ kind, fields }) => (kind === 'outcome' ? fields.attempts : []))
    expect(outcomes).toHaveLength(calls.length)
    for (const attempt of outcomes) expect(attempt).toMatchObject({ outcome: 'refused', status: 508 })
  })
})
