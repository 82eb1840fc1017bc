import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { ReportModel } from '#results/model/report-model.js'
import type { TrainResult } from '../train.js'
import type { FailureDocument } from './failure.js'
import { main } from './main.js'
import { FakeIo } from './testing/fake-io.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-train-'))
afterAll(() => rmSync(folder, { recursive: true }))

const file = join(folder, 'two.yaml')
writeFileSync(
  file,
  `name: two
discount: 0.9
steps: 3000
rows: 1
seeds: 2
evaluation: { points: 2 }
environments:
  two-step: {}
algorithms:
  joint-action-q: { learningRate: 0.2 }
  independent-q: { learningRate: 0.2 }
baselines: [random]
checkpointSeconds: 0
`,
)

/** In this thread: worker threads need compiled files. */
async function train(io: FakeIo, out: string, ...argv: string[]): Promise<number> {
  return main(['train', file, '--workers', '0', '--out', join(folder, out), ...argv], io)
}

/** Interrupted as soon as a trial shows on its terminal. */
class InterruptedIo extends FakeIo {
  #left: number

  constructor(times: number) {
    super(true)
    this.#left = times
  }

  override get stderr() {
    const terminal = super.stderr
    const write = (text: string) => {
      if (text.includes('joint-action-q') && this.#left-- > 0) this.interrupt()
      return terminal.write(text)
    }
    return { ...terminal, write }
  }
}

describe('cadre train', () => {
  it('prints the JSON that scripts rely on', async () => {
    const io = new FakeIo()
    expect(await train(io, 'json', '--json')).toBe(0)
    const result = io.json<TrainResult>()
    expect(Object.keys(result)).toEqual(['status', 'run', 'report', 'seconds', 'summary', 'trials'])
    expect(existsSync(result.report!)).toBe(true)
    expect(result.summary.map((row) => Object.keys(row))).toEqual(
      Array(2).fill(['algorithm', 'environment', 'seeds', 'iqm', 'low', 'high', 'normalised', 'regret']),
    )
    // The best team earns 8 in its second step: 0.9 * 8.
    expect(result.summary[0]).toMatchObject({ algorithm: 'joint-action-q', environment: 'two-step', seeds: 2 })
    expect(result.summary[0]!.iqm).toBeCloseTo(7.2, 6)
    expect(result.summary[0]!.regret).toBeCloseTo(0, 6)
    expect(result.trials).toHaveLength(4)
    for (const trial of result.trials) {
      expect(Object.keys(trial)).toEqual(['id', 'algorithm', 'environment', 'seed', 'status', 'final'])
      expect(trial).toMatchObject({
        status: 'done',
        final: expect.any(Number),
        id: expect.stringMatching(/^[0-9a-f]{16}$/),
      })
    }
    expect(readdirSync(join(folder, 'json'))).toHaveLength(1)
  })

  it('prints a table and where the report is; progress goes to standard error', async () => {
    const io = new FakeIo()
    expect(await train(io, 'text')).toBe(0)
    expect(io.out).toMatch(/^two-step \(optimum 7\.2000, random [\d.]+, exact values\)\n {2}algorithm +seeds/)
    expect(io.out).toMatch(/\n {2}joint-action-q +2 +7\.2000 +- +1\.000 +0\.0%\n/)
    expect(io.out).toMatch(
      /\n {2}\(random\) .*100\.0%\n\nbest policy on two-step, joint-action-q seed 0: .*policy\nreport: .*report\.html \([\d.]+ s\)\n$/,
    )
    expect(io.err).toContain('4 of 4 trials done')
  })

  it('praises no learner that loses to a rule, and says how the rule is served', async () => {
    const desk = join(folder, 'desk.yaml')
    writeFileSync(
      desk,
      `name: desk
discount: 0.9
steps: 200
rows: 1
seeds: 1
evaluation: { points: 1 }
environments: { desk: { use: routing-dispatch } }
algorithms: { independent-q: {} }
baselines: [margin-with-reserve, never-claim]
`,
    )
    const io = new FakeIo()
    expect(await main(['train', desk, '--workers', '0', '--out', join(folder, 'desk')], io)).toBe(0)
    expect(io.out).toMatch(
      /\n\nno learner beats the rule margin-with-reserve on desk: [\d.]+; a team with queues is led by it with policy: \{ use: margin-with-reserve \}\nbest learned policy on desk, independent-q seed 0, -?[\d.]+: .*policy\nreport: /,
    )
    expect(io.out).not.toContain('best policy')
    const [run] = readdirSync(join(folder, 'desk'))
    const page = readFileSync(join(folder, 'desk', run!, 'report.html'), 'utf8').replace(/<[^>]*>/g, '')
    expect(page).toMatch(/No learner beats the scripted policy margin-with-reserve, which scores [\d.]+\./)
    expect(page).toMatch(
      /The best of 2 scripted policies is margin-with-reserve \(regret [\d.]+%\)\. The only learner scores lower\./,
    )
  })

  it('stops at Ctrl-C with a way to go on, and goes on from there to the same result', async () => {
    const whole = new FakeIo()
    await train(whole, 'whole', '--json')
    const stopped = new InterruptedIo(1)
    expect(await train(stopped, 'stopped', '--json')).toBe(130)
    expect(stopped.quitWith).toBeUndefined()
    expect(stopped.err).toContain('stopping: trials write their checkpoints; Ctrl-C again quits at once')
    expect(stopped.err).toMatch(/stopped; go on with: cadre train .*two\.yaml .*--resume\n$/)
    const again = new FakeIo()
    expect(await train(again, 'stopped', '--json')).toBe(2)
    expect(again.json<FailureDocument>().error.code).toBe('ERR_RUN_STATE')
    const resumed = new FakeIo()
    expect(await train(resumed, 'stopped', '--resume', '--json')).toBe(0)
    const finals = (io: FakeIo) => io.json<TrainResult>().trials.map(({ id, final }) => [id, final])
    expect(finals(resumed)).toEqual(finals(whole))
  })

  it('quits at once at the second Ctrl-C', async () => {
    const io = new InterruptedIo(2)
    await train(io, 'twice')
    expect(io.quitWith).toBe(130)
  })

  it('writes nothing where the output folder can not be written', async () => {
    const blocked = join(folder, 'blocked')
    writeFileSync(blocked, 'a file')
    const io = new FakeIo()
    expect(await train(io, 'blocked/runs', '--json')).toBe(2)
    expect(io.json<FailureDocument>().error.code).toBe('ERR_STORAGE')
    expect(readFileSync(blocked, 'utf8')).toBe('a file')
  })
})

it('cadre report and cadre plot print the numbers that their pages show, the same as the training', async () => {
  const io = new FakeIo()
  expect(await train(io, 'numbers', '--json')).toBe(0)
  const { run, summary } = io.json<TrainResult>()
  const [report, plot] = [new FakeIo(), new FakeIo()]
  expect(await main(['report', run, '--json'], report)).toBe(0)
  expect(await main(['plot', run, '--out', join(folder, 'plot.html'), '--json'], plot)).toBe(0)
  const model = report.json<ReportModel>()
  expect(Object.keys(model)).toEqual(['run', 'report', 'runs', 'colours', 'worlds', 'aggregate', 'routed'])
  expect(model.worlds[0]!.series.map(({ summary }) => summary)).toEqual(summary)
  expect(model.colours).toEqual({ 'joint-action-q': 'c0', 'independent-q': 'c1' })
  expect(plot.json<{ worlds: unknown }>().worlds).toEqual(model.worlds)
})
