import seedrandom from 'seedrandom'
import { perQueryOracle } from '../statistics/routing/routed-outcomes.js'
import { scoreRouting } from '../statistics/routing/score-routing.js'
import type { Manifest, TrialPlan } from '../store/manifest.js'
import type { EnvironmentRouting, FoldRecord, RoutingScore } from '../store/routing-records.js'
import { RunStore } from '../store/run-store.js'

/** Policies by how much noise they see on top of the truth; null: no scores, always one model. */
const learned = {
  'linear-q-full': 2.2,
  'rls-full': 1.9,
  'linear-q-bandit': 3.4,
  'linucb-bandit': 2.9,
  'thompson-bandit': 3,
}
const baselines = {
  ridge: 2,
  'nearest-neighbours': 2.6,
  'matrix-factorisation': 2.4,
  length: 4,
  random: 1e6,
  'always-weak': null,
  'always-strong': null,
}

export interface FakeRoutingOptions {
  /** Two when left out: a weak and a strong one. */
  readonly models?: number
  /** USD a query of each model; unknown when left out. */
  readonly prices?: readonly number[]
  readonly repetitions?: number
  readonly folds?: number
  /** Trials of an algorithm on each fold. */
  readonly seeds?: number
  readonly rows?: number
  /** Environment labels, each with data of its own. */
  readonly environments?: readonly string[]
  /** Leaves the ridge baseline out. */
  readonly withoutRidge?: boolean
  /** Index of a trial that failed. */
  readonly failed?: number
}

/** Writes a run directory like that of a routing experiment: learned policies and baselines on cross-validated rows. */
export function writeFakeRoutingRun(directory: string, options: FakeRoutingOptions = {}): RunStore {
  const { environments = ['gsm8k'], seeds = 1 } = options
  const data = Object.fromEntries(environments.map((label) => [label, fakeData(label, options)]))
  const store = RunStore.create(directory, manifestOf(options, environments, data, seeds))
  const routing = environments.map((label): [string, EnvironmentRouting] => {
    const { models, folds, score } = data[label]!
    const kept = Object.entries(baselines).filter(([name]) => name !== 'ridge' || options.withoutRidge !== true)
    const perFold = (noise: number | null, name: string) => folds.map((_, fold) => score(fold, noise, name))
    return [
      label,
      {
        models,
        pair: models.length === 2 ? { weak: models[0]!, strong: models[1]! } : null,
        folds,
        baselines: Object.fromEntries(kept.map(([name, noise]) => [name, perFold(noise, name)])),
        oracle: perFold(0, 'oracle'),
      },
    ]
  })
  store.writeRouting({ format: 'cadre-routing/1', environments: Object.fromEntries(routing) })
  store.manifest.trials.forEach(({ id, algorithm, environment, seed, steps }, index) => {
    const fold = Number(id.split('-fold').at(-1))
    const trial = store.trial(id)
    trial.prepare()
    const score = data[environment]!.score(fold, learned[algorithm as keyof typeof learned], `${algorithm}-${seed}`)
    const logs = trial.openLogs()
    for (let i = 0; i <= 5; i++) {
      const reached = score.accuracy - 0.12 * Math.exp(-i)
      const step = (i * steps) / 5
      logs.evaluations.append({ step, score: reached, method: 'sampled', episodes: score.rows, act: 'greedy' })
    }
    for (const log of Object.values(logs)) log.close()
    const names = { format: 'cadre-trial/1' as const, id, algorithm, environment, seed, fold, steps }
    if (options.failed === index) {
      const error = { code: 'ERR_NON_FINITE', message: 'linear-q: a weight is NaN; lower the learning rate' }
      trial.writeResult({ ...names, status: 'failed', final: null, best: null, error })
      return
    }
    trial.writeRouting({ format: 'cadre-routing/1', fold, score })
    trial.writeResult({ ...names, status: 'done', final: score.accuracy, best: score.accuracy })
  })
  return store
}

interface FakeData {
  readonly models: string[]
  readonly folds: FoldRecord[]
  /** Scores of a policy on a fold; noise 0 knows the outcomes. */
  readonly score: (fold: number, noise: number | null, name: string) => RoutingScore
}

/** Outcomes of models that get better with their number, on queries of random difficulty. */
function fakeData(label: string, options: FakeRoutingOptions): FakeData {
  const { rows = 300, repetitions = 5, folds: perRepetition = 5, prices } = options
  const models = options.models ?? 2
  const names = models === 2 ? ['weak-8b', 'strong-70b'] : Array.from({ length: models }, (_, i) => `model-${i + 1}`)
  const uniform = seedrandom.alea(`fake/${label}`)
  const probability = Array.from({ length: rows }, () => {
    const difficulty = uniform()
    // Later models are better, each on queries of its own the more so.
    return names.map((_, model) => {
      return Math.min(0.97, (1 - difficulty) * 0.5 + (0.3 * model) / models + 0.45 * uniform())
    })
  })
  const quality = probability.map((row) => row.map((p) => (uniform() < p ? 1 : 0)))
  const foldOfRow = Array.from({ length: repetitions }, () => quality.map(() => Math.floor(uniform() * perRepetition)))
  const folds = foldOfRow.flatMap((foldOf, repetition) =>
    Array.from({ length: perRepetition }, (_, fold): FoldRecord => {
      const testRows = foldOf.filter((one) => one === fold).length
      return { repetition, fold, trainRows: rows - testRows, testRows }
    }),
  )
  const score = (index: number, noise: number | null, name: string): RoutingScore => {
    const { repetition, fold } = folds[index]!
    const test = quality.flatMap((_, row) => (foldOfRow[repetition]![row] === fold ? [row] : []))
    const noisy = seedrandom.alea(`${label}/${name}/${index}`)
    const bell = () => noisy() + noisy() + noisy() - 1.5
    const held = Float64Array.from(test.flatMap((row) => quality[row]!))
    const cost = prices === undefined ? null : Float64Array.from(test.flatMap(() => prices))
    const scores =
      noise === null
        ? null
        : noise === 0
          ? held
          : Float64Array.from(test.flatMap((row) => probability[row]!.map((p) => p + 0.1 * noise * bell())))
    const best = (row: number) => {
      const own = scores!.subarray(row * models, (row + 1) * models)
      return own.indexOf(Math.max(...own))
    }
    const outcomes = { rows: test.length, models, quality: held, cost: cost ?? new Float64Array(held.length) }
    const choice =
      noise === null
        ? new Int32Array(test.length).fill(name === 'always-weak' ? 0 : models - 1)
        : noise === 0
          ? perQueryOracle(outcomes)
          : Int32Array.from(test.keys(), best)
    return scoreRouting({
      models: names,
      choice,
      scores,
      quality: held,
      cost,
      pair: models === 2 ? { weak: 0, strong: 1 } : null,
    })
  }
  return { models: names, folds, score }
}

function manifestOf(
  options: FakeRoutingOptions,
  environments: readonly string[],
  data: { readonly [label: string]: FakeData },
  seeds: number,
): Manifest {
  return {
    format: 'cadre-run/1',
    experiment: options.models === undefined || options.models === 2 ? 'route-gsm8k' : 'route-nine',
    hash: '77ab10c2d4',
    created: '2026-05-06T10:00:00.000Z',
    config: { experiment: 'route', folds: options.folds ?? 5, repetitions: options.repetitions ?? 5 },
    code: { version: '0.1.0', sha256: 'c0ffee'.repeat(10) },
    versions: { cadre: '0.1.0', node: '20.20.0' },
    machine: { platform: 'linux', arch: 'x64', cpu: 'Example CPU', cores: 2, node: 'v20.20.0', memoryGb: 16 },
    discount: 1,
    seeds: Array.from({ length: seeds }, (_, seed) => seed),
    environments: Object.fromEntries(
      environments.map((label) => [
        label,
        {
          id: 'routing-cascade',
          version: '1',
          config: { table: `${label}.outcomes.csv` },
          score: { aggregate: 'shared' as const, over: 'episode' as const },
          quantities: [{ name: 'quality', unit: '1', description: 'correctness of the answer' }],
        },
      ]),
    ),
    algorithms: Object.fromEntries(
      Object.keys(learned).map((name) => [
        name,
        { name: name.replace(/-(full|bandit)$/, ''), version: '1', config: { feedback: name.split('-').at(-1)! } },
      ]),
    ),
    trials: Object.keys(learned).flatMap((algorithm) =>
      environments.flatMap((environment) =>
        data[environment]!.folds.flatMap((_, fold) =>
          Array.from({ length: seeds }, (_, seed): TrialPlan => {
            return { id: `${algorithm}-${environment}-${seed}-fold${fold}`, algorithm, environment, seed, steps: 5000 }
          }),
        ),
      ),
    ),
  }
}
