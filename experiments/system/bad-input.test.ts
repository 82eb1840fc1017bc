import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { main } from '../cli/main.js'
import { FakeIo } from '../cli/testing/fake-io.js'
import { experimentsToMutate } from '../testing/experiments-to-mutate.js'
import { folderTree } from '../testing/folder-tree.js'
import { refusedWithoutTrace } from '../testing/provoked.js'
import { missingValues, wrongValues } from '../testing/yaml-mutations.js'
import type { TrainResult } from '../train.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-bad-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, text: string | Uint8Array): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

const refused = (...argv: string[]) => refusedWithoutTrace(folder, argv)

/** Trains in this thread, into a folder that must not appear when it is refused. */
const trainArgv = (file: string) => ['train', file, '--workers', '0', '--out', join(folder, 'runs')]

const experiment = `name: dispatch
discount: 0.97
steps: 1000
rows: 4
seeds: 1
evaluation: { points: 2 }
environments:
  dispatch:
    use: routing-dispatch
    types: [{ name: A, value: 6, arrival: 0.4, loss: 1 }]
    agents: [{ capacity: 2, skill: [0.7], price: 0.5, service: 0.4, fail: 0.05, repair: 0.15 }]
algorithms:
  learner: { use: independent-q, learningRate: 0.1 }
baselines: [random]
`

/** A user's environment without imports; `reward` may depend on `time`, the steps since the start of the episode. */
const userEnv = (reward: string, transitions?: string) => `
const light = { name: 'a', observation: { kind: 'box', size: 1, low: 0, high: 1 }, action: { kind: 'discrete', n: 2 } }
const spec = {
  id: 'coin', version: '1', agents: [{ ...light, numObservations: 1 }], numStates: 1, stateSize: 0, quantities: [],
  score: { aggregate: 'shared', over: 'episode' }, limitSteps: 40,
}
class Coin {
  spec = spec
  bind(slot) { this.slot = slot; slot.mask.fill(1); slot.observationId[0] = 0; slot.stateId[0] = 0 }
  show(time) { this.time = time; this.slot.truncated[0] = time < 40 ? 0 : 1 }
  reset(rng) { this.rng = rng; this.slot.reward[0] = 0; this.show(0) }
  step() { const { time } = this; this.slot.reward[0] = ${reward}; this.show(time + 1) }
  saveState() { return { time: this.time, rng: this.rng.saveState() } }
  loadState({ time, rng }) { this.rng.loadState(rng); this.show(time) }
  ${
    transitions === undefined
      ? ''
      : `startStates(sink) { sink.add(0, 1) }
  showState() { this.show(0) }
  transitions(state, actions, sink) { ${transitions} }`
  }
}
export default { create: () => new Coin() }
`

/** The experiment in an environment of the user's. */
const withUserEnv = (file: string) =>
  experiment.replace(/ {4}use: routing[\s\S]*?(?=algorithms)/, `    use: ./${file}\n`)

describe('cadre train refuses, with nothing written,', () => {
  it.each([
    [
      'an unknown environment',
      'routing-dispatch',
      'routing-dispach',
      /:9:10: environments\.dispatch\.use: unknown environment "routing-dispach"; did you mean "routing-dispatch"\?/,
    ],
    [
      'an unknown algorithm',
      'independent-q',
      'indepedent-q',
      /:13:19: algorithms\.learner\.use: unknown algorithm "indepedent-q"; did you mean "independent-q"\?/,
    ],
    [
      'an unknown key',
      'learningRate',
      'learnRate',
      /:13:34: algorithms\.learner\.learnRate: unknown key; did you mean "learningRate"\?/,
    ],
    ['a wrong type', 'steps: 1000', 'steps: many', /:3:8: steps: expected an integer.*, got "many"/],
    [
      'a value out of range',
      'discount: 0.97',
      'discount: 1.5',
      /:2:11: discount: expected a number in \[0, 1\], got 1\.5/,
    ],
    ['a negative number of rows', 'rows: 4', 'rows: -4', /:4:7: rows: expected .*, got -4/],
    [
      'a negative capacity',
      'capacity: 2',
      'capacity: -2',
      /:11:26: environments\.dispatch\.agents\.0\.capacity: expected .*, got -2/,
    ],
    [
      'a probability above 1',
      'service: 0.4',
      'service: 1.4',
      /environments\.dispatch\.agents\.0\.service: expected .*, got 1\.4/,
    ],
    [
      'arrivals that sum to more than 1',
      '[{ name: A, value: 6, arrival: 0.4, loss: 1 }]',
      '[{ name: A, value: 6, arrival: 0.7, loss: 1 }, { name: B, value: 6, arrival: 0.6, loss: 1 }]',
      /:10:5: environments\.dispatch\.types: arrival probabilities sum to 1\.\d+, expected at most 1/,
    ],
    [
      'a list of the wrong length',
      'skill: [0.7]',
      'skill: [0.7, 0.2]',
      /agents\.0\.skill: expected 1 skills, one a query type, got 2/,
    ],
    [
      'a reward that reaches outside',
      'use: routing-dispatch',
      `use: routing-dispatch\n    reward: 'import("node:fs")'`,
      /environments\.dispatch.*: expression "import\("node:fs"\)": /,
    ],
    [
      'a reward that climbs to a constructor',
      'use: routing-dispatch',
      `use: routing-dispatch\n    reward: 'cost.constructor("return process")()'`,
      /environments\.dispatch.*: expression /,
    ],
    [
      'a reward over an unknown quantity',
      'use: routing-dispatch',
      `use: routing-dispatch\n    reward: value - profit`,
      /environments\.dispatch.*: expression .*profit/,
    ],
  ])('%s', async (_what, from, to, message) => {
    const text = experiment.replace(from, to)
    expect(text).not.toBe(experiment)
    expect(await refused(...trainArgv(write('bad.yaml', text)))).toMatch(message)
  })

  it('an environment of the user whose probabilities do not sum to 1', async () => {
    write('leaky.mjs', userEnv('1', 'sink.add(0, 0.5, [1], false)'))
    expect(await refused(...trainArgv(write('bad.yaml', withUserEnv('leaky.mjs'))))).toMatch(
      /bad\.yaml:8:3: environments\.dispatch: coin: state 0 action 0: probabilities sum to 0\.5, expected 1$/,
    )
  })
})

/** Every n-th of many: mutations of neighbouring values fail alike. */
function every<T>(n: number, list: readonly T[]): T[] {
  return list.filter((_, i) => i % n === 0)
}

describe.each(experimentsToMutate(folder))('cadre train with a changed %s', (_name, text) => {
  it('refuses wrong values, with the line, and writes nothing', async () => {
    for (const mutation of every(4, wrongValues(text))) {
      expect(await refused(...trainArgv(write('changed.yaml', mutation.text))), mutation.name).toMatch(
        /changed\.yaml:\d+:\d+: /,
      )
    }
  })

  it('refuses with the line, and writes nothing, or takes what is left of the file', async () => {
    for (const mutation of every(3, missingValues(text, 60))) {
      const file = write('changed.yaml', mutation.text)
      const planned = new FakeIo()
      const exitCode = await main([...trainArgv(file), '--dry-run'], planned)
      expect([mutation.name, exitCode, planned.err]).toEqual([mutation.name, expect.toBeOneOf([0, 2]), planned.err])
      if (exitCode === 2) expect(await refused(...trainArgv(file)), mutation.name).toMatch(/changed\.yaml:\d+:\d+: /)
    }
  })
})

describe('a reward that is no number', () => {
  const trainOn = async (name: string, reward: string) => {
    write(`${name}.mjs`, userEnv(reward))
    const io = new FakeIo()
    const out = join(folder, name)
    const text = withUserEnv(`${name}.mjs`).replace('baselines: [random]\n', '')
    const exitCode = await main(['train', write(`${name}.yaml`, text), '--workers', '0', '--out', out, '--json'], io)
    return { exitCode, io, out }
  }

  it('fails the trials, which say after how many steps and in which row, with exit code 1', async () => {
    // An instance plays at most 100 steps in evaluations, and 1000 / 4 in training.
    const { exitCode, io, out } = await trainOn('late', '(this.played = (this.played ?? 0) + 1) > 120 ? NaN : 1')
    const message = 'after 480 steps: coin: row 0 gave the reward [NaN], expected finite numbers; check the environment'
    expect(exitCode).toBe(1)
    const { trials, summary } = io.json<TrainResult>()
    expect(io.err).toContain(`1 trial failed (seed ${trials[0]!.seed}): learner on dispatch: ${message}`)
    expect(trials).toMatchObject([{ status: 'failed', final: null, error: { code: 'ERR_NON_FINITE' } }])
    expect(trials[0]!.error!.message).toContain(message)
    expect(summary).toEqual([])
    const left = folderTree(out).map((line) => line.split(' ')[0]!)
    expect(left.filter((path) => /policy|checkpoint|tmp|lock/.test(path))).toEqual([])
  })

  it('ends a run whose references meet it, with exit code 1', async () => {
    const { exitCode, io, out } = await trainOn('always', 'time < 30 ? 1 : NaN')
    expect(exitCode).toBe(1)
    expect(io.err).toContain('coin: row 0 gave the reward [NaN], expected finite numbers; check the environment')
    expect(folderTree(out).some((line) => line.includes('lock.json'))).toBe(false)
  })
})
