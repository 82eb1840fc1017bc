import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { RunStore } from '#results/store/run-store.js'
import { bench } from '../bench.js'
import { main } from '../cli/main.js'
import { FakeIo } from '../cli/testing/fake-io.js'
import { train } from '../code-first.js'
import { loadBenchSuiteData } from '../config/bench-suite.js'
import { loadExperimentData } from '../config/load-experiment.js'
import { planTrials } from '../plan/plan-trials.js'
import { moduleEntries } from '../runner/module-entries.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-recordings-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const write = (name: string, text: string) => {
  mkdirSync(join(folder, name, '..'), { recursive: true })
  writeFileSync(join(folder, name), text)
}

/** Two queries at once every other tick: a queue and an inbox of one place can't keep up. */
const rush = `time,type\n${Array.from({ length: 40 }, (_, k) => `${Math.floor(k / 2) * 2000},${k % 3 === 0 ? 'B' : 'A'}`).join('\n')}\n`
write('rush.csv', rush)
write('elsewhere/same.csv', rush)
write('calm.csv', 'time,type\n0,A\n60000,B\n')

const recorded = (file: string, more: object = {}) => ({
  use: 'routing-dispatch',
  arrivals: { kind: 'trace', file, start: 'first' },
  limitSteps: 40,
  observation: 'local',
  ...more,
})
const experiment = (file: string, more: object = {}) => ({
  name: 'recorded',
  discount: 0.9,
  steps: 400,
  seeds: 1,
  rows: 2,
  evaluation: { points: 1, episodes: 4 },
  environments: { desk: recorded(file, more) },
  algorithms: { 'independent-q': {} },
  baselines: ['never-claim'],
})
const planOf = async (file: string, more: object = {}) =>
  planTrials(await loadExperimentData(experiment(file, more), folder))

describe('a recording in an experiment', () => {
  it('counts by content, wherever it lies and whatever it is called', async () => {
    const plan = await planOf('rush.csv')
    const [trial] = plan.trials
    expect(plan.environments.desk!.recording).toEqual({
      key: ['arrivals', 'file'],
      name: 'rush.csv',
      file: join(folder, 'rush.csv'),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect((await planOf('elsewhere/same.csv')).trials[0]!.id).toBe(trial!.id)
    expect((await planOf('calm.csv')).trials[0]!.id).not.toBe(trial!.id)
    expect((await planOf('rush.csv', { arrivals: { kind: 'trace', file: 'rush.csv' } })).trials[0]!.id).not.toBe(
      trial!.id,
    )
    expect((await planOf('rush.csv', { arrivals: { kind: 'poisson' } })).environments.desk!.recording).toBeUndefined()
  })

  it('is trained on in worker threads, said to be sampled and why, and its policy plays another recording', async () => {
    const trained = (workers: number) =>
      train(experiment(join(folder, 'rush.csv')), { outDir: join(folder, `runs-${workers}`), workers })
    const inline = await trained(0)
    expect((await trained(2)).trials).toEqual(inline.trials)
    const { desk } = RunStore.open(inline.run).readReferences()!.environments
    expect(desk).toMatchObject({
      method: 'sampled',
      sampledBecause: 'recorded arrivals depend on the time',
      optimum: null,
    })
    const suite = await loadBenchSuiteData(
      {
        name: 'elsewhere',
        discount: 0.9,
        episodes: 4,
        environments: { rush: recorded('elsewhere/same.csv'), calm: recorded('calm.csv') },
        policies: {
          learned: { use: join(inline.run, 'trials', inline.trials[0]!.id, 'policy') },
          'never-claim': {},
        },
      },
      folder,
    )
    const { rows } = await bench(suite)
    const scoreOf = (environment: string, policy: string) =>
      rows.find((row) => row.environment === environment && row.policy === policy)!.score
    expect(rows).toHaveLength(4)
    expect(scoreOf('rush', 'never-claim')).toBeCloseTo(desk!.policies[0]!.value, 9)
    expect(scoreOf('calm', 'never-claim')).toBeCloseTo(calmScore(), 9)
  })

  it('is refused before any work, where it is named', async () => {
    write('back.csv', 'time,type\n5,A\n3,A\n')
    await expect(planOf('back.csv')).rejects.toThrowError(
      `${join(folder, 'back.csv')}:3:1: time: expected at least 5, the time before, got 3; sort the file`,
    )
    await expect(planOf('none.csv')).rejects.toThrowError(
      `environments.desk.arrivals.file: ${join(folder, 'none.csv')}: no such file; expected a recording`,
    )
    await expect(planOf('elsewhere')).rejects.toThrowError(/elsewhere: this is a folder; expected a recording/)
    await expect(planOf('rush.csv', { types: [{ name: 'A', value: 1, loss: 0 }], agents: [one] })).rejects.toThrowError(
      /rush.csv:2:3: type: no query type "B"; there are A/,
    )
  })

  it('must be what it was when the run was planned', async () => {
    write('moving.csv', 'time,type\n0,A\n5000,A\n')
    const { environments } = await planOf('moving.csv')
    write('moving.csv', 'time,type\n0,B\n5000,A\n')
    // One that is open stays so: another config opens the file anew.
    const { desk } = environments
    const config = { ...(desk!.config as object), hold: 0.5 }
    await expect(moduleEntries.world({ ...desk!, config }, null)).rejects.toThrowError(
      /moving.csv: the recording changed after the run was planned; start the command again/,
    )
  })
})

const one = { capacity: 1, skill: [1], price: 0, service: 1, fail: 0, repair: 1 }

/** Discounted by 0.9: one query A waits for decisions 2 and 3 (0.1 each) and is lost at the fourth (1). */
function calmScore(): number {
  return -0.1 * 0.9 - 0.1 * 0.9 ** 2 - 1 * 0.9 ** 3
}

describe('commands on a recording', () => {
  const cadre = async (...argv: string[]) => {
    const io = new FakeIo()
    const code = await main(argv, io)
    return { code, out: io.out, err: io.err }
  }
  const settings = (file: string) => ['--set', 'arrivals.kind=trace', '--set', `arrivals.file=${join(folder, file)}`]

  it('cadre check keeps the contract', async () => {
    expect((await cadre('check', 'routing-dispatch', ...settings('rush.csv'))).code).toBe(0)
  })

  it('cadre solve says why there is nothing to solve', async () => {
    const { code, err } = await cadre('solve', 'routing-dispatch', '--gamma', '0.9', ...settings('rush.csv'))
    expect(code).toBe(2)
    expect(err).toContain(
      'routing-dispatch: no finite model (recorded arrivals depend on the time); evaluate by sampling',
    )
  })
})
