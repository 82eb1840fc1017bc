import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readLog } from '#agents/log/read-log.js'
import { sleep } from '#agents/testing/sleep.js'
import { startStub } from '../../agents/testing/stub-endpoint.mjs'
import { startServe } from '../testing/serve-process.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-serve-log-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const team = (endpoint: string) =>
  `{ name: logged, policy: { use: round-robin }, log: { text: true }, agents: [{ name: a, endpoint: '${endpoint}' }] }`

/** Asks once. @returns the id of the request, or null where the connection broke */
async function ask(url: string, content: string, stream = false): Promise<string | null> {
  try {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ model: 'cadre', stream, messages: [{ role: 'user', content }] })
    const response = await fetch(`${url}/chat/completions`, { method: 'POST', headers, body })
    const id = response.headers.get('x-cadre-request-id')
    await response.text()
    return id
  } catch {
    return null
  }
}

describe('the log of a gateway that is killed under load', () => {
  it('tells the fate of every request that was accepted, after the next start too', { timeout: 60_000 }, async () => {
    const own = mkdtempSync(join(folder, 'killed'))
    const stub = await startStub('slow')
    const seen = new Set<string>()
    const first = await startServe(own, team(stub.endpoint))
    const answered: string[] = []
    let count = 0
    const client = async (stream: boolean) => {
      for (;;) {
        const content = `question ${count++}`
        const id = await ask(first.url, content, stream)
        if (id === null) return
        answered.push(id)
      }
    }
    const clients = Array.from({ length: 24 }, (_, k) => client(k % 2 === 1))
    const look = setInterval(() => {
      const messages = stub.last?.messages as { content: string }[] | undefined
      if (messages !== undefined) seen.add(messages.at(-1)!.content)
    }, 1)
    while (answered.length < 100) await sleep(5)
    first.child.kill('SIGKILL')
    await first.ended
    await Promise.all(clients)
    clearInterval(look)

    const file = join(own, 'decisions.jsonl')
    const before = readFileSync(file, 'utf8')
    const second = await startServe(own, team(stub.endpoint))
    expect(await ask(second.url, 'afterwards')).not.toBeNull()
    expect((await second.stop()).code).toBe(0)
    expect(readFileSync(file, 'utf8').startsWith(before)).toBe(true)

    const { requests, problems, torn } = second.log()
    expect([problems, torn]).toEqual([[], null])
    const fates = [...requests.values()].map(({ fate }) => fate)
    const interrupted = fates.filter((fate) => fate === 'interrupted').length
    expect(interrupted).toBeGreaterThan(0)
    expect(interrupted).toBeLessThanOrEqual(24)
    expect(fates).not.toContain('undecided')
    for (const id of answered) expect(requests.get(id)?.fate).toBe('ended')
    // Whatever reached an agent had been decided in the log.
    const decided = new Set([...requests.values()].map(({ decisions }) => decisions[0]!.state.text!.text))
    expect(seen.size).toBeGreaterThan(0)
    for (const content of seen) expect(decided).toContain(content)
    expect(stub.requests).toBeLessThanOrEqual(requests.size)
    await stub.close()
  })
})

describe.skipIf(process.platform === 'win32')('SIGHUP', () => {
  it('opens the log anew and stops nothing', { timeout: 30_000 }, async () => {
    const own = mkdtempSync(join(folder, 'rotated'))
    const stub = await startStub('ok')
    const gateway = await startServe(own, team(stub.endpoint))
    const file = join(own, 'decisions.jsonl')
    await ask(gateway.url, 'before')
    renameSync(file, `${file}.1`)
    gateway.child.kill('SIGHUP')
    while (!existsSync(file)) await sleep(5)
    await ask(gateway.url, 'after')
    const { code, stderr } = await gateway.stop()
    expect([code, stderr.match(/the decision log was opened anew/g)]).toEqual([0, ['the decision log was opened anew']])
    const texts = [`${file}.1`, file].map((name) =>
      [...readLog(readFileSync(name, 'utf8')).requests.values()].map(
        ({ decisions, fate }) => `${decisions[0]!.state.text!.text} ${fate}`,
      ),
    )
    expect(texts).toEqual([['before ended'], ['after ended']])
    await stub.close()
  })
})
