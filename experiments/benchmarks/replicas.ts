import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Pool } from 'undici'
import { cli, firstLine, start, stubEndpoint } from './processes.js'

/**
 * `node dist/experiments/benchmarks/replicas.js [--requests N] [--clients N] [--json]`: requests a second through a gateway to an agent
 * with 1, 2 and 4 replicas, each a process of its own that answers one request after the other, 20 ms each. Clients send the next request
 * when the one before is answered.
 */
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000' },
    clients: { type: 'string', default: '16' },
    json: { type: 'boolean', default: false },
  },
})
const requests = Number(values.requests)
const folder = mkdtempSync(join(tmpdir(), 'cadre-replicas-'))
const stubs = [0, 1, 2, 3].map(() => start(stubEndpoint, 'queue'))
const results: { readonly replicas: number; readonly perSecond: number; readonly times: number }[] = []
try {
  const endpoints = await Promise.all(stubs.map(async (stub) => `http://127.0.0.1:${await firstLine(stub)}/v1`))
  for (const replicas of [1, 2, 4]) {
    const perSecond = await throughput(endpoints.slice(0, replicas))
    results.push({ replicas, perSecond, times: perSecond / (results[0]?.perSecond ?? perSecond) })
    const { times } = results.at(-1)!
    if (!values.json) {
      process.stdout.write(`${replicas} replicas: ${perSecond.toFixed(1)} requests/s, ${times.toFixed(2)} times\n`)
    }
  }
  if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`)
} finally {
  for (const stub of stubs) stub.kill('SIGKILL')
  rmSync(folder, { recursive: true })
}

/** Answers a second of a gateway of its own. */
async function throughput(endpoint: readonly string[]): Promise<number> {
  const file = join(folder, 'team.yaml')
  const team = { name: 'replicas', policy: { use: 'round-robin' }, agents: [{ name: 'a', endpoint, retries: 0 }] }
  writeFileSync(file, JSON.stringify(team))
  const gateway = start(cli, 'serve', file, '--port', '0', '--json')
  try {
    const { url } = JSON.parse(await firstLine(gateway)) as { url: string }
    const { origin, pathname } = new URL(url)
    const pool = new Pool(origin)
    const body = JSON.stringify({ model: 'cadre', messages: [{ role: 'user', content: 'Hello' }] })
    const ask = async () => {
      const headers = { 'content-type': 'application/json' }
      const response = await pool.request({ method: 'POST', path: `${pathname}/chat/completions`, headers, body })
      await response.body.text()
      if (response.statusCode !== 200) throw new Error(`HTTP ${response.statusCode}`)
    }
    const send = async (count: number) => {
      let left = count
      const client = async () => {
        while (left-- > 0) await ask()
      }
      await Promise.all(Array.from({ length: Number(values.clients) }, client))
    }
    await send(50)
    const began = performance.now()
    await send(requests)
    const seconds = (performance.now() - began) / 1000
    await pool.close()
    return requests / seconds
  } finally {
    const closed = once(gateway, 'close')
    gateway.kill('SIGTERM')
    await closed
  }
}
