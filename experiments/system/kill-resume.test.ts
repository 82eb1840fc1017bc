import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { runCli, startCli } from '../testing/compiled-cli.js'
import { drawMoment, type FolderState, folderState, killAt, killOrder } from '../testing/kill-moments.js'
import { onlyRun, runFiles } from '../testing/run-files.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-kill-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const TRIALS = 4
const MOMENTS = 20

/** About 0.3 s a trial, a checkpoint every 30 ms. */
const file = join(folder, 'experiment.yaml')
writeFileSync(
  file,
  `name: killed
discount: 0.97
steps: 400000
rows: 16
seeds: 2
evaluation: { points: 6 }
environments:
  dispatch:
    use: routing-dispatch
    agents:
      - { capacity: 3, skill: [0.7, 0.3], price: 0.5, service: 0.4, fail: 0.05, repair: 0.15 }
      - { capacity: 2, skill: [0.4, 0.9], price: 1, service: 0.25, fail: 0.03, repair: 0.15 }
algorithms:
  joint-action-q: {}
  hysteretic-q: {}
baselines: [random, best-margin]
references: { bestLocal: { starts: 2 } }
checkpointSeconds: 0.03
`,
)
const train = (out: string, ...more: string[]) => ['train', file, '--out', join(folder, out), ...more]
const filesOf = (out: string) => runFiles(onlyRun(join(folder, out)))

describe('a run in pieces', () => {
  let whole: { [path: string]: string }

  beforeAll(async () => {
    expect(await runCli(train('whole', '--workers', '2'))).toMatchObject({ code: 0 })
    whole = filesOf('whole')
  }, 60_000)

  it('leaves everything that is compared, and nothing unfinished', () => {
    const trials = readdirSync(join(onlyRun(join(folder, 'whole')), 'trials'))
    expect(trials).toHaveLength(TRIALS)
    const perTrial = [
      'evaluations.jsonl',
      'metrics.jsonl',
      'policy-view.json',
      'policy/policy.json',
      'policy/weights.safetensors',
      'trial.json',
    ]
    const expected = trials.flatMap((id) => perTrial.map((name) => `trials/${id}/${name}`))
    expect(Object.keys(whole).sort()).toEqual(['references.json', ...expected].sort())
    // Two trials may well have learned the same actions; nothing else of them is alike.
    const logs = Object.entries(whole).filter(([name]) => !name.endsWith('policy-view.json'))
    expect(new Set(logs.map(([, hash]) => hash)).size).toBe(logs.length)
  })

  it.each(['0', '1', '2'])(
    'gives the same bytes again with --workers %s',
    async (workers) => {
      expect(await runCli(train(`workers-${workers}`, '--workers', workers))).toMatchObject({ code: 0 })
      expect(filesOf(`workers-${workers}`)).toEqual(whole)
    },
    60_000,
  )

  it(`gives the same bytes when it is killed at ${MOMENTS} moments and resumed`, async () => {
    const rng = new Rng('kill-resume')
    const left: FolderState[] = []
    const seen: FolderState[] = []
    for (let chain = 0; left.length < MOMENTS; chain++) {
      expect(chain, 'too many runs ended before they could be killed').toBeLessThan(9)
      const out = `chain-${chain}`
      const argv = train(out, '--resume', '--workers', String(2 - (chain % 3)))
      for (const after of killOrder) {
        const ended = await killAt(drawMoment(after, rng), argv, join(folder, out), TRIALS)
        if (ended.signal !== 'SIGKILL') {
          expect(ended, ended.stderr).toMatchObject({ code: 0 })
          break
        }
        left.push(ended.left)
        seen.push(ended.seen)
      }
      const ended = await runCli(argv)
      expect(ended, ended.stderr).toMatchObject({ code: 0 })
      expect(filesOf(out)).toEqual(whole)
    }
    // The moments cover all stretches of a run.
    expect(left.filter(({ made }) => !made)).not.toHaveLength(0)
    expect(left.filter(({ made, checkpointMs }) => made && checkpointMs === 0)).not.toHaveLength(0)
    expect(left.filter(({ checkpointMs, done }) => checkpointMs > 0 && done === 0)).not.toHaveLength(0)
    expect(left.filter(({ checkpointMs, done }) => checkpointMs > 0 && done > 0)).not.toHaveLength(0)
    expect(seen.filter(({ unfinished }) => unfinished > 0)).not.toHaveLength(0)
    expect(left.filter(({ done }) => done === TRIALS)).not.toHaveLength(0)
  }, 240_000)

  it.each(['0', '2'])(
    'stops at Ctrl-C with a checkpoint and a way to go on, --workers %s',
    async (workers) => {
      const out = `interrupted-${workers}`
      const { child, ended } = startCli(train(out, '--workers', workers))
      while (child.exitCode === null && folderState(join(folder, out)).checkpointMs === 0) await sleep(1)
      child.kill('SIGINT')
      const { code, stderr, stdout } = await ended
      expect([code, stdout]).toEqual([130, ''])
      expect(stderr).toContain('stopping: trials write their checkpoints')
      expect(stderr).toContain(`go on with: cadre ${train(out, '--workers', workers).join(' ')} --resume\n`)
      const { checkpointMs, unfinished, done } = folderState(join(folder, out))
      expect({ checkpoint: checkpointMs > 0, unfinished, all: done === TRIALS }).toEqual({
        checkpoint: true,
        unfinished: 0,
        all: false,
      })
      expect(await runCli(train(out))).toMatchObject({ code: 2, stderr: expect.stringContaining('--resume goes on') })
      expect(await runCli(train(out, '--resume'))).toMatchObject({ code: 0 })
      expect(filesOf(out)).toEqual(whole)
    },
    60_000,
  )
})
