import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { RunInfo } from '#results/store/list-runs.js'
import type { Tidied } from '#results/store/tidy-runs.js'
import { writeFakeRun } from '#results/testing/fake-run.js'
import { main } from '../main.js'
import { FakeIo } from '../testing/fake-io.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-runs-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function cadre(...argv: string[]): Promise<{ code: number; io: FakeIo }> {
  const io = new FakeIo()
  return { code: await main(argv, io), io }
}

describe('cadre runs and cadre gc', () => {
  const run = writeFakeRun(join(folder, 'one'), { seeds: 2, failed: 0 }).directory

  it('list runs, as a table and as JSON', async () => {
    const { code, io } = await cadre('runs', folder)
    expect(code).toBe(0)
    const [heads, row] = io.out.trimEnd().split('\n')
    expect(heads).toMatch(/^run +status +trials +size +begun \(UTC\)$/)
    expect(row).toMatch(/one +failed +9 of 10 trials, 1 failed +\d+(\.\d+)? kB +\d{4}-\d\d-\d\d \d\d:\d\d$/)
    const json = (await cadre('runs', folder, '--json')).io.json<RunInfo[]>()
    expect(json).toMatchObject([{ run, experiment: 'quickstart', status: 'failed', done: 9, failed: 1, trials: 10 }])
    const none = mkdtempSync(join(folder, 'none-'))
    expect((await cadre('runs', none)).io.out).toBe(`${none}: no runs\n`)
  })

  it('tidy up, and only say so with --dry-run', async () => {
    const left = join(run, '.report.html.tmp')
    writeFileSync(left, 'x'.repeat(1500))
    const would = await cadre('gc', folder, '--dry-run')
    expect(would.io.out).toBe(`would be removed: ${left} (1.50 kB)\n1.50 kB would be free\n`)
    expect([existsSync(left), existsSync(join(run, 'lock.json'))]).toEqual([true, false])
    const done = (await cadre('gc', folder, '--json')).io.json<Tidied>()
    expect(done).toEqual({
      dryRun: false,
      removed: [{ path: left, bytes: 1500 }],
      linked: { files: 0, bytes: 0 },
      busy: [],
    })
    expect([existsSync(left), existsSync(join(run, 'lock.json'))]).toEqual([false, false])
    expect((await cadre('gc', join(folder, 'absent'))).code).toBe(1)
  })
})
