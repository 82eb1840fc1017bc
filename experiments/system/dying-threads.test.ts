import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../modules/package-root.js'
import { type Ended, startCli } from '../testing/compiled-cli.js'
import type { TrainResult } from '../train.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-threads-'))
afterAll(() => rmSync(folder, { recursive: true }))

const example = readFileSync(new URL('docs/examples/expected-sarsa.mjs', packageRoot()), 'utf8')

/** A training of the example's learner, which does something after 100 steps, beside one of ours, on one thread. */
async function trained(name: string, after100: string): Promise<{ status: string; message: string }[]> {
  const { stdout } = await train(name, after100)
  const { trials } = JSON.parse(stdout) as TrainResult
  return trials.map(({ status, error }) => ({ status, message: error?.message ?? '' }))
}

function train(name: string, after100: string, ...flags: string[]): Promise<Ended> {
  const file = join(folder, `${name}.mjs`)
  const end = '    this.step += size\n'
  expect(example).toContain(end)
  writeFileSync(file, example.replace(end, `${end}    if (this.step === 100) { ${after100} }\n`))
  const data = {
    name,
    discount: 0.9,
    steps: 200,
    rows: 1,
    seeds: 1,
    environments: { lake: { use: 'frozen-lake' } },
    algorithms: { theirs: { use: file }, ours: { use: 'q-learning' } },
    evaluation: { points: 2 },
  }
  const experiment = join(folder, `${name}.yaml`)
  writeFileSync(experiment, JSON.stringify(data))
  // Little memory, so that it is soon taken.
  const env = { ...process.env, NODE_OPTIONS: '--max-old-space-size=150' }
  const argv = ['train', experiment, '--json', '--workers', '1', '--out', join(folder, 'runs'), ...flags]
  return startCli(argv, { env }).ended
}

describe("the end of a worker thread is a failure of its trial alone, and the next one's thread is a new one", () => {
  it('when a learner ends the process', async () => {
    expect(await trained('exits', 'process.exit(3)')).toEqual([
      {
        status: 'failed',
        message: 'its worker thread ended with exit code 3: something that it ran called process.exit',
      },
      { status: 'done', message: '' },
    ])
  })

  it('when a learner takes all memory', async () => {
    const endless = 'const all = []; for (;;) all.push(new Array(1e6).fill(all.length / 3))'
    const [theirs, ours] = await trained('memory', endless)
    expect(theirs).toEqual({ status: 'failed', message: expect.stringContaining('out of memory') })
    expect(ours!.status).toBe('done')
  })

  it('when something is thrown that nobody catches', async () => {
    const later = "return void Promise.reject(new Error('from a promise left alone'))"
    const [theirs, ours] = await trained('later', later)
    expect(theirs!.status).toBe('failed')
    expect(theirs!.message).toMatch(/^from a promise left alone \(at .*later\.mjs:\d+:\d+\)$/)
    expect(ours!.status).toBe('done')
  })
})

it('what a learner throws that is no Error is told as it is', async () => {
  const [theirs, ours] = await trained('string', "throw 'no more steps'")
  expect(theirs).toEqual({ status: 'failed', message: 'after 99 steps: no more steps' })
  expect(ours!.status).toBe('done')
})

it('where a failure comes from is shown with --verbose, and said to be', async () => {
  const fault = "throw new TypeError('odd')"
  const short = await train('odd', fault)
  expect(short.stderr).toMatch(
    /1 trial failed \(seed 0\): theirs on lake: after 99 steps: odd \(at .*odd\.mjs:\d+:\d+\)/,
  )
  expect(short.stderr).toContain('--verbose shows where it comes from')
  expect(short.stderr).not.toContain('TypeError: odd\n    at')
  const long = await train('odd', fault, '--verbose', '--resume')
  expect(long.stderr).toMatch(/TypeError: odd\n +at .*odd\.mjs/)
})
