import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeManifest } from '#results/testing/fake-run.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const script = fileURLToPath(new URL('../testing/start-runs.mjs', import.meta.url))
const ROUNDS = 100

interface Ended {
  readonly made?: string
  readonly code?: string
  readonly message?: string
}

describe('two starts at once', () => {
  let folder: string
  let pair: ChildProcess[]

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cadre-twice-'))
    pair = [0, 1].map(() => fork(script, [join(root, 'dist')]))
    await Promise.all(pair.map((child) => once(child, 'message')))
  }, 60_000)
  afterAll(() => {
    for (const child of pair) child.kill()
    rmSync(folder, { recursive: true, force: true })
  })

  async function start(outDir: string, fresh: boolean): Promise<Ended[]> {
    const manifest = fakeManifest()
    const at = Date.now() + 4
    const ends = pair.map(async (child) => (await once(child, 'message'))[0] as Ended)
    for (const child of pair) child.send({ outDir, fresh, at, manifest })
    return Promise.all(ends)
  }

  /** What each run folder holds, after checking that it is whole and nothing lies beside it. */
  function markers(outDir: string): string[][] {
    return readdirSync(outDir).map((name) => {
      expect(name).toMatch(/^twice-01234567(-2)?$/)
      expect(JSON.parse(readFileSync(join(outDir, name, 'manifest.json'), 'utf8'))).toMatchObject({
        format: 'cadre-run/1',
      })
      expect(existsSync(join(outDir, name, 'lock.json'))).toBe(false)
      return readdirSync(join(outDir, name, 'trials'))
    })
  }

  it(`of one run: one makes it, the other says so, ${ROUNDS} times`, { timeout: 120_000 }, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      // In a folder that each would make: its clean-up must not take the other's run away.
      const outDir = join(folder, `one-${round}`, 'deep')
      const ends = await start(outDir, false)
      const made = ends.filter((end) => end.made !== undefined)
      expect(made).toHaveLength(1)
      const [other] = ends.filter((end) => end.made === undefined)
      expect(other).toMatchObject({ code: 'ERR_RUN_STATE' })
      expect(other!.message).toMatch(/is working on this run|--resume goes on/)
      expect(markers(outDir)).toEqual([[expect.stringMatching(/^\d+$/)]])
    }
  })

  it(`of new runs: each makes its own, ${ROUNDS} times`, { timeout: 120_000 }, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const outDir = join(folder, `fresh-${round}`, 'deep')
      const ends = await start(outDir, true)
      expect(new Set(ends.map(({ made }) => made)).size).toBe(2)
      expect(markers(outDir).map(({ length }) => length)).toEqual([1, 1])
    }
  })
})
