import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { learnerCheckNames } from '#algorithms/conformance/check-learner.js'
import { packageRoot } from '../../modules/package-root.js'
import type { FailureDocument } from '../failure.js'
import { main } from '../main.js'
import { FakeIo } from '../testing/fake-io.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-check-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function cadre(...argv: string[]): Promise<{ code: number; io: FakeIo }> {
  const io = new FakeIo()
  return { code: await main(argv, io), io }
}

/** The lights of docs/examples with a view: cars north by cars east. */
function lightsWith(name: string, change: string): string {
  const path = join(folder, `${name}.mjs`)
  const lights = new URL('docs/examples/lights-env.mjs', packageRoot()).href
  const text = `import lights from ${JSON.stringify(lights)}
const cars = ['0', '1', '2', '3', '4']
const panel = {
  title: 'all', xLabel: 'east', yLabel: 'north', x: cars, y: cars,
  states: cars.map((_, north) => cars.map((_, east) => 5 * north + east)),
}
const view = { title: 'Who goes', legend: ['both', 'north', 'east', 'none'], panels: [panel],
  describe: ([north, east]) => north === 1 ? (east === 1 ? 'both' : 'north') : east === 1 ? 'east' : 'none' }
export default { ...lights, policyView: () => (${change}) }
`
  writeFileSync(path, text)
  return path
}

describe("the view of a user's environment", () => {
  const broken = '{ ...view, legend: undefined }'

  it('is checked where there is one', async () => {
    const good = await cadre('check', lightsWith('good', 'view'))
    expect([good.code, good.io.out]).toEqual([0, expect.stringMatching(/^ok {6}policy-view: .*\nlights keeps/m)])
    const bad = await cadre('check', lightsWith('bad', broken))
    expect([bad.code, bad.io.out]).toEqual([1, expect.stringMatching(/^FAILED {2}policy-view: policyView\.legend: /m)])
    const none = await cadre('check', 'two-step')
    expect([none.code, none.io.out]).toEqual([0, expect.not.stringContaining('policy-view')])
  })

  it('is found malformed before any training starts', async () => {
    const use = lightsWith('unviewable', broken)
    const experiment = { name: 'unviewable', discount: 0.9, steps: 100, rows: 1, seeds: 1, evaluation: { points: 1 } }
    const path = join(folder, 'unviewable.yaml')
    const choices = { environments: { lights: { use } }, algorithms: { 'independent-q': {} } }
    writeFileSync(path, JSON.stringify({ ...experiment, ...choices }))
    const out = join(folder, 'runs')
    const { code, io } = await cadre('train', path, '--out', out, '--json')
    expect([code, existsSync(out)]).toEqual([2, false])
    expect(io.json<FailureDocument>().error).toMatchObject({
      code: 'ERR_CONFIG',
      message: expect.stringMatching(/environments\.lights: policyView\.legend: missing; expected a list/),
    })
  })

  it('is found malformed before anything is drawn', async () => {
    const argv = ['solve', lightsWith('undrawable', broken), '--gamma', '0.9', '--out', join(folder, 'lights.html')]
    const { code, io } = await cadre(...argv)
    expect([code, io.err]).toEqual([2, expect.stringContaining('policyView.legend: missing')])
  })
})

/** A file that exports `text`; nothing is imported, so that no build is needed. */
function fileWith(name: string, text: string): string {
  const path = join(folder, `${name}.mjs`)
  writeFileSync(path, `export default ${text}\n`)
  return path
}

const half = `{ forms: { arrays: () => ({ act() {}, update() {}, saveState: () => ({ arrays: {}, data: {} }), loadState() {} }) } }`
const firstLegal = `{ create: ({ spec }) => ({ observes: 'local', act({ size, mask, layout: { numActions } }, rng, out) {
  for (let k = 0; k < size * spec.agents.length; k++) {
    out[k] = Math.max(0, mask.subarray(k * numActions, (k + 1) * numActions).indexOf(1))
  }
} }) }`

describe('algorithms and policies', () => {
  it('are checked by name', async () => {
    const learner = await cadre('check', 'lin-ucb', '--set', 'alpha=1', '--json')
    const { checks } = learner.io.json<{ checks: { name: string; message: string }[] }>()
    expect(learner.code).toBe(0)
    expect(checks.map(({ name }) => name)).toEqual(learnerCheckNames)
    expect(checks.find(({ name }) => name === 'durations')!.message).toMatch(/^not claimed: a bandit explores only/)
    const policy = await cadre('check', 'random', '--on', 'two-step')
    expect([policy.code, policy.io.out]).toEqual([
      0,
      expect.stringMatching(/\nrandom on two-step keeps the contract\n$/),
    ])
  })

  it('are told apart by what a file makes, and what is wrong is said by its own name', async () => {
    const algorithm = await cadre('check', fileWith('half', half))
    expect([algorithm.code, algorithm.io.out]).toEqual([
      1,
      expect.stringMatching(/^FAILED {2}makes: .*half: its learner has no method policy; a learner has act, update/m),
    ])
    const good = await cadre('check', fileWith('first-legal', firstLegal))
    expect([good.code, good.io.out]).toEqual([0, expect.stringContaining('first-legal on routing-dispatch keeps the')])
    const bad = await cadre('check', fileWith('last', firstLegal.replace('.indexOf(1)', '.length - 1')))
    expect([bad.code, bad.io.out]).toEqual([
      1,
      expect.stringMatching(
        /^FAILED {2}legal: in routing-dispatch, row \d, agent "agent-\d": action 1, expected one of 0;/m,
      ),
    ])
  })

  it('are refused before any run where a method is missing', async () => {
    const algorithms = { half: { use: fileWith('half', half) } }
    const experiment = {
      name: 'x',
      discount: 0.9,
      steps: 100,
      rows: 1,
      seeds: 1,
      environments: { 'two-step': {} },
      algorithms,
    }
    const path = join(folder, 'half.yaml')
    writeFileSync(path, JSON.stringify(experiment))
    const out = join(folder, 'half-runs')
    const { code, io } = await cadre('train', path, '--out', out, '--json')
    expect([code, existsSync(out)]).toEqual([2, false])
    expect(io.json<FailureDocument>().error.message).toMatch(
      /algorithms\.half: half: its learner has no method policy;/,
    )
  })

  it('have settings, which are checked too', async () => {
    const { code, io } = await cadre('check', 'independent-q', '--set', 'learningRate=2')
    expect([code, io.err]).toEqual([2, expect.stringMatching(/--set learningRate=2: .*got 2/)])
    const unknown = await cadre('check', 'independent-w')
    expect(unknown.io.err).toMatch(
      /^unknown environment, algorithm or policy "independent-w"; did you mean "independent-q"\?/,
    )
  })
})
