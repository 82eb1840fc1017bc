import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { RunStore } from '#results/store/run-store.js'
import { runCli, startCli } from '../testing/compiled-cli.js'
import { onlyRun } from '../testing/run-files.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-reader-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = join(folder, 'experiment.yaml')
writeFileSync(
  file,
  `name: unread
discount: 0.97
steps: 400000
rows: 16
seeds: 2
evaluation: { points: 4 }
environments: { dispatch: { use: routing-dispatch } }
algorithms: { hysteretic-q: {} }
references: { optimum: false }
checkpointSeconds: 0.03
`,
)
const train = (out: string, ...more: string[]) => ['train', file, '--out', join(folder, out), '--workers', '1', ...more]

/** Until a trial of the run has a checkpoint. */
async function learning(out: string): Promise<void> {
  for (;;) {
    const runs = existsSync(join(folder, out))
      ? readdirSync(join(folder, out)).filter((name) => !name.startsWith('.'))
      : []
    const trials = runs.flatMap((run) => {
      const path = join(folder, out, run, 'trials')
      return existsSync(path) ? readdirSync(path).map((id) => join(path, id, 'checkpoint', 'state.bin')) : []
    })
    if (trials.some((path) => existsSync(path))) return
    await sleep(10)
  }
}

const ends = (out: string) => {
  const store = RunStore.open(onlyRun(join(folder, out)))
  return store.trialIds().map((id) => store.trial(id).readResult()?.status ?? 'unfinished')
}

describe('a training', () => {
  it.each(['stderr', 'stdout', 'both'])(
    'goes on to its end when nobody reads its %s any more',
    { timeout: 60_000 },
    async (which) => {
      const { child, ended } = startCli(train(which))
      await learning(which)
      if (which !== 'stdout') child.stderr!.destroy()
      if (which !== 'stderr') child.stdout!.destroy()
      expect((await ended).code).toBe(0)
      expect(ends(which)).toEqual(['done', 'done'])
    },
  )

  it.skipIf(process.platform === 'win32')(
    'leaves a checkpoint when its terminal closes, and goes on from there',
    { timeout: 60_000 },
    async () => {
      const { child, ended } = startCli(train('hangup'))
      await learning('hangup')
      child.kill('SIGHUP')
      expect((await ended).code).toBe(130)
      expect(ends('hangup')).toContain('unfinished')
      expect(existsSync(join(onlyRun(join(folder, 'hangup')), 'lock.json'))).toBe(false)
      expect(await runCli(train('hangup', '--resume'))).toMatchObject({ code: 0 })
      expect(ends('hangup')).toEqual(['done', 'done'])
    },
  )
})
