import type { Manifest } from '../store/manifest.js'
import type { EnvironmentReferences } from '../store/references.js'
import type { RunData, TrialData } from '../store/run-data.js'

/** A run in memory, of which every number is given. */
export interface SmallRun {
  readonly experiment?: string
  readonly hash?: string
  readonly created?: string
  readonly code?: string
  readonly discount?: number
  /** By algorithm label and environment label: [seeds][evaluations], at the steps 0, 100, 200, ... */
  readonly scores: {
    readonly [algorithm: string]: { readonly [environment: string]: readonly (readonly number[])[] }
  }
  /** What a label is, where it is called otherwise, and its settings. */
  readonly algorithms?: { readonly [label: string]: { readonly name: string; readonly config?: Manifest['config'] } }
  /** Scale, scripted policies and the best local policy by environment. */
  readonly references?: {
    readonly [environment: string]: {
      readonly optimum: number
      readonly random: number
      readonly policies?: { readonly [name: string]: number }
      readonly bestLocal?: number
      readonly resolution?: number
    }
  }
}

/** A run of the scores given. Environments are worlds of their own, called as their label. */
export function smallRun(options: SmallRun): RunData {
  const {
    experiment = 'small',
    hash = 'abc1234',
    created = '2026-01-02T03:04:05.000Z',
    code = 'c0de',
    discount = 1,
  } = options
  const labels = Object.keys(options.scores)
  const environments = [...new Set(Object.values(options.scores).flatMap((one) => Object.keys(one)))]
  const trials = labels.flatMap((algorithm) =>
    Object.entries(options.scores[algorithm]!).flatMap(([environment, seeds]) =>
      seeds.map((scores, seed): TrialData => {
        const plan = {
          id: `${algorithm}-${environment}-${seed}`,
          algorithm,
          environment,
          seed,
          steps: 100 * (scores.length - 1),
        }
        return {
          plan,
          result: {
            format: 'cadre-trial/1',
            ...plan,
            status: 'done',
            final: scores.at(-1)!,
            best: Math.max(...scores),
          },
          evaluations: scores.map((score, i) => {
            return { step: 100 * i, score, method: 'exact' as const, episodes: null, act: 'greedy' as const }
          }),
          metrics: [],
          policyView: null,
          routing: null,
          seconds: 1,
        }
      }),
    ),
  )
  const seeds = [...new Set(trials.map(({ plan }) => plan.seed))]
  const known = (label: string): EnvironmentReferences => {
    const { optimum, random, policies = {}, bestLocal, resolution } = options.references![label]!
    return {
      optimum,
      random,
      method: 'exact',
      ...(resolution === undefined ? {} : { resolution }),
      bestLocal: bestLocal === undefined ? null : { value: bestLocal, starts: [bestLocal] },
      policies: Object.entries(policies).map(([name, value]) => ({ name, value, normalised: null, regret: null })),
    }
  }
  return {
    manifest: {
      format: 'cadre-run/1',
      experiment,
      hash,
      created,
      config: { name: experiment, discount },
      code: { version: '0.1.0', sha256: code },
      versions: {},
      machine: { platform: 'linux', arch: 'x64', cpu: 'Example CPU', cores: 2, node: 'v20.20.0', memoryGb: 16 },
      discount,
      seeds,
      environments: Object.fromEntries(
        environments.map((label) => [
          label,
          { id: label, version: '1', config: {}, score: { aggregate: 'shared', over: 'episode' }, quantities: [] },
        ]),
      ),
      algorithms: Object.fromEntries(
        labels.map((label) => {
          const { name = label, config = {} } = options.algorithms?.[label] ?? {}
          return [label, { name, version: '1', config }]
        }),
      ),
      trials: trials.map(({ plan }) => plan),
    },
    references:
      options.references === undefined
        ? null
        : { environments: Object.fromEntries(Object.keys(options.references).map((label) => [label, known(label)])) },
    routing: null,
    trials,
  }
}
