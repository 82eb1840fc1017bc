import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { environments } from '#env/environments.js'
import { loadTrace } from './load-trace.js'
import { verifyTrace } from './verify-trace.js'

/** Trajectories of the Python originals. */
const folder = join(process.env.CADRE_SHARED ?? fileURLToPath(new URL('../../../shared', import.meta.url)), 'traces')
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.trace.json')) : []
const environmentOf = (name: string) =>
  (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { readonly env: string }).env

describe('traces of the originals', () => {
  if (files.length === 0) it.skip('skipped: there are no traces here (set CADRE_SHARED)')
  for (const name of files) {
    const env = environmentOf(name)
    if (environments.every((entry) => entry.name !== env)) {
      it.skip(`${name}: skipped, there is no environment ${env} yet`)
      continue
    }
    it(`${name} replays`, async () => {
      const verified = verifyTrace(await loadTrace(join(folder, name)))
      expect(verified).toMatchObject({ ok: true, divergence: null, env })
      expect(verified.steps).toBeGreaterThan(100)
    })
  }
})
