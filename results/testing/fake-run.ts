import seedrandom from 'seedrandom'
import type { Manifest, TrialPlan } from '../store/manifest.js'
import type { OptimalMap, References } from '../store/references.js'
import { RunStore } from '../store/run-store.js'
import type { PolicyViewRecord } from '../store/trial-records.js'

const optimum = 72.371772413
const random = 24.77697911
const scripted = {
  'margin-minus-delay': 67.3666983,
  'best-margin': 65.84740804,
  'most-skilled-among-idle': 60.56400681,
  'most-skilled-if-free': 58.02894469,
  'most-skilled': 57.134772,
  'shortest-queue': 47.69985715,
  'round-robin': 44.29672501,
  cheapest: 30.17551786,
  'all-claim': 18.58578929,
  'never-claim': -33.99548546,
}

/** What each pair of algorithm and environment is made to reach: regret of its last policies, and their spread. */
const pairs = [
  { algorithm: 'joint-q', environment: 'full', regret: 0.0083, spread: 0.002, pace: 5 },
  { algorithm: 'independent-q', environment: 'full', regret: 0.0139, spread: 0.005, pace: 7 },
  { algorithm: 'hysteretic-q', environment: 'full', regret: 0.0128, spread: 0.004, pace: 8 },
  { algorithm: 'independent-q', environment: 'local', regret: 0.236, spread: 0.006, pace: 14 },
  { algorithm: 'independent-q', environment: 'local-with-message', regret: 0.0115, spread: 0.003, pace: 10 },
]

export interface FakeRunOptions {
  readonly experiment?: string
  readonly hash?: string
  readonly seeds?: number
  readonly evaluations?: number
  /** Leaves references.json out. */
  readonly withoutReferences?: boolean
  /** Index of a trial that failed. */
  readonly failed?: number
  readonly discount?: number
  /** Draws policies as maps of values. */
  readonly maps?: boolean
  /** Regret is multiplied by this: another code version's results. */
  readonly regretFactor?: number
}

/** A manifest like that of the quickstart. */
export function fakeManifest(options: FakeRunOptions = {}): Manifest {
  const { experiment = 'quickstart', hash = '3f9c27ab10', discount = 0.97 } = options
  const seeds = Array.from({ length: options.seeds ?? 10 }, (_, seed) => seed)
  const environment = (observation: string): Manifest['environments'][string] => ({
    id: 'routing-dispatch',
    version: '1',
    config: { instance: 'quickstart', observation },
    score: { aggregate: 'shared', over: 'episode' },
    quantities: [{ name: 'costUsd', unit: 'USD', description: 'price paid to the agent that took the query' }],
  })
  const learner = (name: string): Manifest['algorithms'][string] => ({
    name,
    version: '1',
    config: { learningRate: { from: 0.3, to: 0.003, shape: 'geometric' }, epsilon: { from: 1, to: 0.05, until: 0.8 } },
  })
  return {
    format: 'cadre-run/1',
    experiment,
    hash,
    created: '2026-03-04T09:30:00.000Z',
    config: { experiment, discount, seeds: seeds.length, steps: 2_000_000 },
    code: { version: '0.1.0', sha256: 'c0ffee'.repeat(10) },
    versions: { cadre: '0.1.0', node: '20.20.0', 'plotly.js': '4.1.1' },
    machine: { platform: 'linux', arch: 'x64', cpu: 'Example CPU', cores: 2, node: 'v20.20.0', memoryGb: 16 },
    discount,
    seeds,
    environments: {
      full: environment('full'),
      local: environment('local'),
      'local-with-message': environment('local-with-message'),
    },
    algorithms: {
      'joint-q': learner('joint-q'),
      'independent-q': learner('independent-q'),
      'hysteretic-q': learner('hysteretic-q'),
    },
    trials: pairs.flatMap(({ algorithm, environment }) =>
      seeds.map((seed): TrialPlan => {
        return { id: `${algorithm}-${environment}-${seed}`, algorithm, environment, seed, steps: 2_000_000 }
      }),
    ),
  }
}

/** References like those of the quickstart. */
export function fakeReferences({ maps }: FakeRunOptions = {}): References {
  const local = (regret: number) => {
    const value = optimum - regret * (optimum - random)
    return { value, starts: [value, value - 0.4, value - 2.1, value] }
  }
  const environment = (bestLocal: References['environments'][string]['bestLocal']) => ({
    optimum,
    random,
    method: 'exact' as const,
    bestLocal,
    policies: Object.entries(scripted).map(([name, value]) => ({
      name,
      value,
      normalised: (value - random) / (optimum - random),
      regret: (optimum - value) / (optimum - random),
    })),
    ...(maps === true ? { maps: [fakeOptimalMap] } : {}),
  })
  return {
    environments: {
      full: environment(null),
      local: environment(local(0.229)),
      'local-with-message': environment(null),
    },
  }
}

/**
 * Writes a run directory like that of the quickstart: five pairs of algorithm and environment on routing-dispatch, with
 * learning curves that end at the regrets its specification gives.
 */
export function writeFakeRun(directory: string, options: FakeRunOptions = {}): RunStore {
  const store = RunStore.create(directory, fakeManifest(options))
  if (options.withoutReferences !== true) store.writeReferences(fakeReferences(options))
  const { evaluations = 20, regretFactor = 1 } = options
  store.manifest.trials.forEach((plan, index) => {
    const pair = pairs.find((one) => one.algorithm === plan.algorithm && one.environment === plan.environment)!
    const trial = store.trial(plan.id)
    trial.prepare()
    const uniform = seedrandom.alea(plan.id)
    const noise = () => uniform() + uniform() + uniform() - 1.5
    const last = Math.max(0.001, pair.regret * regretFactor + pair.spread * noise())
    const logs = trial.openLogs()
    const scores: number[] = []
    for (let i = 0; i <= evaluations; i++) {
      const done = i / evaluations
      const wobble = 1 + 0.35 * (1 - done) * noise()
      const regret = last + (0.98 - last) * Math.exp((-10 / Math.sqrt(pair.pace)) * 1.6 * done) * wobble
      const step = Math.round(done * plan.steps)
      const score = optimum - (i === evaluations ? last : regret) * (optimum - random)
      scores.push(score)
      logs.evaluations.append({ step, score, method: 'exact', episodes: null, act: 'greedy' })
      logs.metrics.append({ step, name: 'epsilon', value: Math.max(0.05, 1 - done / 0.8) })
      logs.timing.append({ step, seconds: 0.9 * done })
    }
    for (const log of Object.values(logs)) log.close()
    const outcome =
      options.failed === index
        ? {
            status: 'failed' as const,
            final: null,
            best: null,
            error: { code: 'ERR_NON_FINITE', message: 'routing-dispatch: reward is NaN at step 812; check the reward' },
          }
        : { status: 'done' as const, final: scores.at(-1)!, best: Math.max(...scores) }
    const { id, algorithm, environment, seed, steps } = plan
    trial.writePolicyView(options.maps === true ? fakeMapView(plan.seed) : fakePolicyView(uniform))
    trial.writeResult({ format: 'cadre-trial/1', id, algorithm, environment, seed, steps, ...outcome })
  })
  return store
}

/** A lake of 2 x 3 cells, crossed in three steps: start, free, hole / free, free, goal. */
const fakeOptimalMap: OptimalMap = {
  title: 'grid',
  value: [
    [0.81, 0.9, null],
    [0.9, 1, null],
  ],
  best: [
    [['down', 'right'], ['down'], []],
    [['right'], ['right'], []],
  ],
}

/** Policies of odd seeds go left in the start. */
function fakeMapView(seed: number): PolicyViewRecord {
  const first = seed % 2 === 0 ? 'down' : 'left'
  return {
    title: 'Where the agent moves',
    legend: ['left', 'down', 'right', 'up'],
    panels: [
      {
        title: 'grid',
        xLabel: 'column',
        yLabel: 'row',
        x: ['0', '1', '2'],
        y: ['0', '1'],
        choice: [
          [first, 'down', null],
          ['right', 'right', null],
        ],
        places: [
          ['start', null, 'hole'],
          [null, null, 'goal'],
        ],
        walls: [[0, 1]],
        value: [
          [first === 'down' ? 0.81 : 0, 0.9, null],
          [0.9, 1, null],
        ],
      },
    ],
  }
}

/** Who takes a query of each type at which load of agents 0 and 1. */
function fakePolicyView(uniform: () => number): PolicyViewRecord {
  const legend = ['all pass', 'agent 0', 'agent 1', 'agent 2', 'several claim']
  const panel = (title: string, prefer: readonly number[]): PolicyViewRecord['panels'][number] => ({
    title,
    xLabel: 'queue of agent 0',
    yLabel: 'queue of agent 1',
    x: ['0', '1', '2', '3', 'down'],
    y: ['0', '1', '2', 'down'],
    choice: [0, 1, 2, 3].map((y) =>
      [0, 1, 2, 3, 4].map((x) => {
        if (uniform() < 0.05) return legend[4]!
        const free = prefer.find((agent) => (agent === 1 ? x < 2 : agent === 2 ? y < 2 : true))
        return x >= 3 && y >= 3 && uniform() < 0.5 ? legend[0]! : legend[free ?? 0]!
      }),
    ),
  })
  return {
    title: 'Who takes a query, at which load',
    legend,
    panels: [
      panel('Type A, agent 2 idle', [1, 3]),
      panel('Type B, agent 2 idle', [2, 3]),
      panel('Type A, agent 2 busy', [1, 2]),
      panel('Type B, agent 2 busy', [2, 1]),
    ],
  }
}
