import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { BundleDescription } from '#algorithms/bundle/bundle-schema.js'
import { loadPolicy } from '#algorithms/bundle/load-policy.js'
import { BundleError } from '#env/errors.js'
import type { Policy, PolicyExport } from '#env/policy.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { readBundle } from '../bundles/read-bundle.js'
import { bench, train } from '../code-first.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-seats-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A learner of a kind of its own: it counts its steps and takes the legal action of that rank, first or last. */
const learner = (rank: 'indexOf' | 'lastIndexOf', loadPolicy: string) => `
const policyOf = (steps) => ({
  observes: 'local',
  act: ({ size, mask, layout: { agents, numActions: n } }, rng, out) => {
    for (let k = 0; k < size * agents; k++) out[k] = Math.max(0, mask.subarray(k * n, (k + 1) * n).${rank}(1))
  },
  export: () => ({ kind: 'steady', details: { rank: '${rank}' }, tensors: { steps: { shape: [1], data: steps } } }),
})
const arrays = () => {
  const steps = new Float64Array(1)
  return {
    act: (batch, actions) => policyOf(steps).act(batch, undefined, actions),
    update: ({ size }) => { steps[0] += size },
    policy: () => policyOf(steps),
    saveState: () => ({ arrays: { steps }, data: {} }),
    loadState: ({ arrays }) => steps.set(arrays.steps),
  }
}
const loadPolicy = ({ details, tensors }) => {
  if (details.rank !== '${rank}') throw new Error('read by another file')
  return policyOf(tensors.steps.data)
}
export default { name: '${rank}', version: '1', forms: { arrays }${loadPolicy} }
`
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const first = file('first.mjs', learner('indexOf', ', loadPolicy'))
const last = file('last.mjs', learner('lastIndexOf', ', loadPolicy'))
const mute = file('mute.mjs', learner('indexOf', ''))

type Teams = { readonly [label: string]: { readonly [agent: string]: unknown } }

async function trained(teams: Teams) {
  const { run, trials } = await train(
    {
      name: 'seats',
      discount: 0.97,
      steps: 64,
      rows: 8,
      seeds: 1,
      evaluation: { points: 1, method: 'sampled', episodes: 3 },
      references: { optimum: false },
      environments: { 'routing-dispatch': {} },
      teams,
    },
    { outDir: folder, workers: 0 },
  )
  const [trial] = trials
  return { trial: trial!, bundle: join(run, 'trials', trial!.id, 'policy') }
}

const described = (bundle: string) =>
  JSON.parse(readFileSync(join(bundle, 'policy.json'), 'utf8')) as BundleDescription & {
    details: { seats: { kind: string; loader?: object; details: object }[] }
  }

async function scoreOf(use: string): Promise<number> {
  const suite = { name: 'again', discount: 0.97, episodes: 20, environments: { 'routing-dispatch': {} } }
  const { rows } = await bench({ ...suite, policies: { team: { use } } })
  return rows[0]!.score
}

describe('a team with learners whose policies are of a kind of their own', () => {
  const hash = expect.stringMatching(/^[0-9a-f]{64}$/) as string
  const seats = { 'agent-0': { use: first }, 'agent-1': 'independent-q', 'agent-2': { use: last } }

  it('is saved: each seat names the file that reads it, kinds that ship name none', async () => {
    const { trial, bundle } = await trained({ pair: seats })
    expect(trial).toMatchObject({ status: 'done' })
    expect(trial.unsaved).toBeUndefined()
    const { kind, details, tensors } = described(bundle)
    expect(kind).toBe('team')
    expect(details.seats.map(({ kind, loader }) => ({ kind, loader }))).toEqual([
      { kind: 'steady', loader: { file: first, sha256: hash } },
      { kind: 'tabular', loader: undefined },
      { kind: 'steady', loader: { file: last, sha256: hash } },
    ])
    expect(Object.keys(tensors)).toEqual(['0/steps', '1/q.1', '2/steps'])
    expect(Number.isFinite(await scoreOf(bundle))).toBe(true)
  })

  it('is a partner too, whole, and again in the bundle of those who learn beside it', async () => {
    const { bundle } = await trained({ partners: seats })
    const beside = await trained({ beside: { ...seats, 'agent-1': 'sarsa', 'agent-0': { use: bundle } } })
    expect(beside.trial.unsaved).toBeUndefined()
    const [partner] = described(beside.bundle).details.seats
    expect(partner).toMatchObject({
      kind: 'team',
      details: { seats: [{ loader: { file: first } }, {}, { loader: { file: last } }] },
    })
    const third = await trained({ third: { ...seats, 'agent-1': { use: beside.bundle } } })
    expect(third.trial.unsaved).toBeUndefined()
    expect(Number.isFinite(await scoreOf(third.bundle))).toBe(true)
  })

  it('is not saved where nothing reads a seat, and says which', async () => {
    const { trial } = await trained({ mute: { ...seats, 'agent-2': { use: mute } } })
    expect(trial.unsaved).toMatch(
      /seat 2 has the policy kind "steady", which nothing reads; give its learner's entry loadPolicy\(stored, spec\)/,
    )
  })

  it('is read from code by the kinds of its seats', async () => {
    const { bundle } = await trained({ inCode: seats })
    const { spec } = routingDispatch.create(routingDispatch.schema.parse({}))
    const asked: unknown[] = []
    const steady = (stored: PolicyExport): Policy => {
      asked.push(stored.details.rank)
      return { observes: 'local', act: (_, __, out) => out.fill(0) }
    }
    expect(loadPolicy(readBundle(bundle), spec, { steady }).observes).toBe('local')
    expect(asked).toEqual(['indexOf', 'lastIndexOf'])
    expect(() => loadPolicy(readBundle(bundle), spec)).toThrowError(/seat 0 has the policy kind "steady"/)
  })

  it('is refused once a file changed, before any of its code runs', async () => {
    const { bundle } = await trained({ changing: seats })
    appendFileSync(last, "\nthrow new Error('its code ran')\n")
    const failure = await scoreOf(bundle).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(BundleError)
    expect((failure as Error).message).toMatch(
      /policy kind "steady" is read by the learner in .*last\.mjs, which changed since/,
    )
  })
})
