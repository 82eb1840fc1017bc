import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { BundleDescription } from '#algorithms/bundle/bundle-schema.js'
import { AgentTables } from '#algorithms/tabular/agent-tables.js'
import { hystereticQ } from '#algorithms/tabular/hysteretic-q.js'
import { independentQ } from '#algorithms/tabular/independent-q.js'
import { learnerConformance } from '#algorithms/testing/learner-conformance.js'
import { type LearnerOracle, oracleConformance } from '#algorithms/testing/oracle-conformance.js'
import { qLearningOracle } from '#algorithms/testing/oracles/q-learning.js'
import { ConfigError } from '#env/errors.js'
import type { EnvEntry } from '#env/registry.js'
import { box } from '#env/space.js'
import { ContraryTeam } from '#env/testing/contrary-team.js'
import { RunStore } from '#results/store/run-store.js'
import { bench, train } from '../code-first.js'
import { shipped } from '../modules/registry.js'
import { teamEntry } from './team-entry.js'

const outDir = mkdtempSync(join(tmpdir(), 'cadre-teams-'))
afterAll(() => rmSync(outDir, { recursive: true }))

const explore = { learningRate: 0.3, exploration: 0.5, initialValue: 0.25 }
const seat = (agents: string[], entry: typeof independentQ, more: object = {}) => {
  const config = entry.schema.parse({ ...explore, ...more }) as never
  return { agents, learner: { entry, config }, bundle: null }
}
const mixed = teamEntry(
  [seat(['worker', 'anchor'], independentQ), seat(['visitor'], hystereticQ, { negativeFactor: 0.2 })],
  shipped,
)

describe('a team of several learners', () => {
  learnerConformance(mixed, () => new ContraryTeam(), {})

  // Who sits where changes nothing of what each learns: the naive loops are those of the agents alone.
  const oracle: LearnerOracle = {
    expected: (recorded, discount) => {
      const told = { discount, rate: 0.3, initialValue: 0.25 }
      const plain = qLearningOracle(recorded, told)
      const hopeful = qLearningOracle(recorded, { ...told, negativeRate: 0.06 })
      return [plain[0]!, hopeful[1]!, plain[2]!].map((table) =>
        table.flatMap((row) => [...row, ...new Array<number>(4 - row.length).fill(Number.NaN)]),
      )
    },
    found: (learner) => {
      const { arrays } = learner.saveState()
      // Each seat has tables of its own agents, and no others.
      const tables = [[0, 2], [1]].map((agents) => new AgentTables(new ContraryTeam().spec, agents))
      return [0, 1, 0].map((p, i) => {
        const { offset, length } = tables[p]!
        const values = arrays[`${p}/values`] as Float64Array
        expect(values).toHaveLength(length)
        return values.subarray(offset[i], offset[i + 1])
      })
    },
  }
  oracleConformance(mixed, oracle, {})

  it('tells whose metrics are whose', async () => {
    const { metrics } = await trained()
    expect(new Set(metrics.map(({ name }) => name))).toEqual(
      new Set([
        'return',
        'episodes',
        ...['agent-0+agent-1', 'agent-2'].flatMap((who) =>
          ['td-error', 'q-min', 'q-max', 'epsilon', 'learning-rate'].map((name) => `${who}: ${name}`),
        ),
      ]),
    )
  })
})

const experiment = (name: string, teams: { readonly [label: string]: { readonly [agent: string]: unknown } }) => ({
  name,
  discount: 0.97,
  steps: 20_000,
  rows: 8,
  seeds: 1,
  evaluation: { points: 2 },
  references: { optimum: false },
  environments: { 'routing-dispatch': {} },
  teams,
})

let once: ReturnType<typeof runTeam> | undefined
function trained() {
  once ??= runTeam()
  return once
}

async function runTeam() {
  const teams = {
    pair: { 'agent-0': 'independent-q', 'agent-1': 'independent-q', 'agent-2': { use: 'joint-action-q' } },
  }
  const { run, trials } = await train(experiment('pair', teams), { outDir, workers: 0 })
  const trial = RunStore.open(run).trial(trials[0]!.id)
  return { run, trial, bundle: join(trial.directory, 'policy'), metrics: trial.readMetrics() }
}

describe('an experiment with teams', () => {
  it('saves what a team learned as one policy, which plays in benchmarks as it did in training', async () => {
    const { trial, bundle } = await trained()
    const { rows } = await bench({
      name: 'again',
      discount: 0.97,
      episodes: 10,
      environments: { 'routing-dispatch': {} },
      policies: { team: { use: bundle } },
    })
    expect(trial.readResult()).toMatchObject({ status: 'done', algorithm: 'pair' })
    expect(rows[0]).toMatchObject({ policy: 'team' })
    expect(JSON.parse(readFileSync(join(bundle, 'policy.json'), 'utf8'))).toMatchObject({ kind: 'team' })
  })

  it('keeps a frozen partner as it is, while others learn beside it', async () => {
    const { bundle } = await trained()
    const teams = { beside: { 'agent-0': 'sarsa', 'agent-1': { use: bundle }, 'agent-2': { use: bundle } } }
    const { run, trials } = await train(experiment('beside', teams), { outDir, workers: 0 })
    expect(trials).toMatchObject([{ status: 'done' }])
    const saved = RunStore.open(run).trial(trials[0]!.id).readPolicy()!
    const { kind } = JSON.parse(new TextDecoder().decode(saved['policy.json'])) as { kind: string }
    expect(kind).toBe('team')
  })

  it('asks of each learner what its own agents need: others may have no numbers, or nothing to read', async () => {
    const mixed: EnvEntry = {
      name: 'mixed-team',
      aliases: [],
      summary: 'the anchor has no numbers, the visitor no real values',
      version: '1',
      schema: z.strictObject({}),
      create: () => {
        const env = new ContraryTeam()
        const [anchor, visitor, worker] = env.spec.agents
        const agents = [{ ...anchor!, numObservations: 0 }, { ...visitor!, observation: box(0) }, worker!]
        return Object.assign(env, { spec: { ...env.spec, agents } })
      },
    }
    const { run, trials } = await train(
      {
        ...experiment('mixed', {
          mixed: { anchor: 'linear-q', visitor: 'independent-q', worker: 'replay-least-squares' },
        }),
        steps: 400,
        environments: { mixed: { use: mixed } },
        evaluation: { points: 1, episodes: 5 },
      },
      { outDir, workers: 0 },
    )
    expect(trials).toMatchObject([{ status: 'done' }])
    const use = join(run, 'trials', trials[0]!.id, 'policy')
    const { details, tensors } = JSON.parse(readFileSync(join(use, 'policy.json'), 'utf8')) as BundleDescription
    expect(Object.keys(tensors)).toEqual(['0/weights.0', '1/q.1', '2/weights.2'])
    expect(details).toMatchObject({ seats: [{ agents: [0] }, { details: { agents: [1] } }, { details: { own: [2] } }] })
    const suite = { name: 'again', discount: 0.97, episodes: 5, environments: { mixed: { use: mixed } } }
    const { rows } = await bench({ ...suite, policies: { team: { use } } })
    expect(rows[0]!.score).toBeGreaterThan(-100)
  })

  it.each([
    [{ a: { 'agent-0': 'independent-q' } }, /teams\.a.*the agents agent-1, agent-2 of routing-dispatch have no seat/],
    [
      { a: { 'agent-0': 'independent-q', 'agent-1': 'sarsa', 'agent-2': 'sarsa', 'agent-9': 'sarsa' } },
      /no agent "agent-9"; its agents are agent-0, agent-1, agent-2/,
    ],
    [{ a: { 'agent-0': 'independant-q' } }, /teams\.a\.agent-0.*unknown algorithm "independant-q"/],
    [{ a: {} }, /has no agents; give each agent a learner or a bundle/],
  ])('refuses %j before any work', async (teams, message) => {
    const failure = await train(experiment('refused', teams), { outDir, workers: 0 }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ConfigError)
    expect((failure as ConfigError).message).toMatch(message)
  })
})
