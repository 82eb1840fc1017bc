import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../testing/compiled-cli.js'
import { folderState } from '../testing/kill-moments.js'
import { onlyRun, runFiles } from '../testing/run-files.js'
import { SmallDisk } from '../testing/small-disk.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-disk-'))
const disk = SmallDisk.mount(join(folder, 'disk'), 8)
afterAll(() => {
  disk?.unmount()
  rmSync(folder, { recursive: true, force: true })
})

const file = join(folder, 'experiment.yaml')
writeFileSync(
  file,
  `name: full
discount: 0.97
steps: 200000
rows: 16
seeds: 2
evaluation: { points: 5 }
environments:
  dispatch:
    use: routing-dispatch
    agents:
      - { capacity: 3, skill: [0.7, 0.3], price: 0.5, service: 0.4, fail: 0.05, repair: 0.15 }
      - { capacity: 2, skill: [0.4, 0.9], price: 1, service: 0.25, fail: 0.03, repair: 0.15 }
algorithms: { independent-q: {} }
checkpointSeconds: 0.02
`,
)

const ready = disk !== undefined
describe.skipIf(!ready)('a full disk (skipped where mounting a tmpfs is not permitted)', () => {
  let whole: { [path: string]: string }

  beforeAll(async () => {
    expect(await runCli(['train', file, '--out', join(folder, 'whole')])).toMatchObject({ code: 0 })
    whole = runFiles(onlyRun(join(folder, 'whole')))
  }, 60_000)

  it('leaves no half of a run where there is no room for its plan', async () => {
    disk!.leave(0)
    const out = join(disk!.path, 'none')
    const { code, stderr } = await runCli(['train', file, '--out', out])
    expect(stderr).toMatch(/no space left on the device; free some or choose another directory \(ENOSPC\)/)
    expect(code).toBe(1)
    expect(readdirSync(disk!.path)).toEqual(['ballast'])
  }, 60_000)

  it.each([60, 400])(
    'ends a run that fills the last %i kB, and goes on with room to the same bytes',
    async (kilobytes) => {
      disk!.leave(kilobytes * 1024)
      const out = join(disk!.path, `runs-${kilobytes}`)
      const failed = await runCli(['train', file, '--out', out, '--workers', '2'])
      expect(failed.stderr).toMatch(/runs-\d+\/full-\S+: cannot \w+: no space left on the device/)
      expect(failed.stderr).toContain('the run can go on once this is put right: add --resume')
      expect(failed.code).toBe(1)
      expect(folderState(out)).toMatchObject({ made: true, unfinished: 0 })
      disk!.free()
      const resumed = await runCli(['train', file, '--out', out, '--workers', '2', '--resume'])
      expect(resumed, resumed.stderr).toMatchObject({ code: 0 })
      expect(runFiles(onlyRun(out))).toEqual(whole)
    },
    60_000,
  )
})
