import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { sleep } from '#agents/testing/sleep.js'
import { startServe, startStubProcess } from '../testing/serve-process.js'
import { SmallDisk } from '../testing/small-disk.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-serve-disk-'))
const disk = SmallDisk.mount(join(folder, 'disk'), 1)
afterAll(() => {
  disk?.unmount()
  rmSync(folder, { recursive: true, force: true })
})

const ready = disk !== undefined
describe.skipIf(!ready)('a full disk (skipped where mounting a tmpfs is not permitted)', () => {
  it('costs no answers; readiness says so, and the log says how many lines are missing', async () => {
    const stub = await startStubProcess('ok')
    const yaml = `{ name: full, policy: { use: round-robin }, agents: [{ name: a, endpoint: '${stub.endpoint}' }] }`
    const gateway = await startServe(disk!.path, yaml)
    const base = gateway.url.replace('/v1', '')
    const ask = async () => {
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ model: 'cadre', messages: [{ role: 'user', content: 'What?' }] })
      return (await fetch(`${gateway.url}/chat/completions`, { method: 'POST', headers, body })).status
    }
    disk!.leave(0)
    const statuses: number[] = []
    for (let k = 0; k < 20; k++) statuses.push(await ask())
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect((await fetch(`${base}/readyz`)).status).toBe(503)
    disk!.free()
    expect(await ask()).toBe(200)
    // Not at once: the next line may find the disk full again.
    expect((await fetch(`${base}/readyz`)).status).toBe(503)
    while ((await fetch(`${base}/readyz`)).status !== 200) await sleep(100)

    const { code, stderr } = await gateway.stop()
    expect(code).toBe(0)
    expect(stderr.match(/decisions are not logged/g)).toHaveLength(1)
    expect(stderr.match(/decisions are logged again/g)).toHaveLength(1)
    const text = readFileSync(join(disk!.path, 'decisions.jsonl'), 'utf8')
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string; count?: number })
    const gaps = lines.filter(({ kind }) => kind === 'gap')
    const lost = gaps.reduce((sum, { count }) => sum + count!, 0)
    expect(lost).toBeGreaterThan(0)
    // A decision and an outcome each.
    expect(lost + lines.length - gaps.length).toBe(42)
    stub.close()
  }, 30_000)
})
