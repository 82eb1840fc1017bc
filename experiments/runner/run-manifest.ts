import { arch, cpus, platform, totalmem } from 'node:os'
import type { Manifest } from '#results/store/manifest.js'
import { installedVersion } from '../modules/installed-version.js'
import { mapValues } from '../plan/map-values.js'
import type { RunPlan } from '../plan/trial-plan.js'
import { codeVersion } from './code-version.js'

/** Packages whose version can move a result. */
const packagesThatMatter = ['mathjs', 'seedrandom', 'zod', 'yaml']

/** All that a later reader needs to know about a run, and to refuse an unlike comparison. */
export function describeRun(plan: RunPlan): Manifest {
  const onTensors = new Set(
    plan.trials.flatMap(({ tensors, algorithm }) => (tensors === null ? [] : [algorithm.label])),
  )
  return {
    format: 'cadre-run/1',
    experiment: plan.name,
    hash: plan.hash,
    created: new Date().toISOString(),
    config: {
      name: plan.name,
      description: plan.description,
      discount: plan.discount,
      seeds: [...plan.seeds],
      evaluation: { ...plan.trials[0]?.evaluation },
      environments: mapValues(plan.environments, ({ name, config, data, recording }) => ({
        use: name,
        config,
        ...(data === null ? {} : { data: { name: data.name, sha256: data.sha256 } }),
        ...(recording === undefined ? {} : { recording: { name: recording.name, sha256: recording.sha256 } }),
      })),
      ...(plan.folds === null ? {} : { folds: foldScheme(plan) }),
      algorithms: mapValues(plan.algorithms, ({ label, name, config }) => ({
        use: name,
        ...(onTensors.has(label) ? { form: 'tensors' } : {}),
        config,
      })),
      baselines: plan.baselines.map(({ label, config }) => ({ label, config })),
      references: { ...plan.references } as never,
      ...(plan.backend === null ? {} : { tensors: { backend: plan.backend.name, device: plan.backend.device } }),
    } as Manifest['config'],
    code: codeVersion(),
    versions: runningVersions(plan.backend !== null),
    machine: {
      platform: platform(),
      arch: arch(),
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: Math.max(1, cpus().length),
      node: process.version,
      memoryGb: Math.round(totalmem() / 2 ** 30),
    },
    discount: plan.discount,
    seeds: [...plan.seeds],
    environments: mapValues(plan.environments, ({ label, name, version, config }) => ({
      id: name,
      version,
      config: config as never,
      score: plan.measures[label]!.score,
      quantities: plan.measures[label]!.quantities.map((quantity) => ({ ...quantity })),
    })),
    algorithms: mapValues(plan.algorithms, ({ name, version, config }) => ({ name, version, config: config as never })),
    trials: plan.trials.map(({ id, algorithm, environment, seed, steps }) => ({
      id,
      algorithm: algorithm.label,
      environment: environment.label,
      seed,
      steps,
    })),
  }
}

/** How rows were split, and how many policies were trained on all of them. */
function foldScheme({ folds, deployed }: RunPlan): { repetitions: number; folds: number; deployed: number } {
  const [first] = folds!
  return { repetitions: folds!.length / first!.folds, folds: first!.folds, deployed: deployed.length }
}

/** Installed versions of what can move a result, Node among them. */
function runningVersions(tensors: boolean): Record<string, string> {
  const needed = [...packagesThatMatter, ...(tensors ? ['@tensorflow/tfjs-core'] : [])]
  const packages = needed.map((name) => [name, installedVersion(name)])
  return { node: process.version, ...Object.fromEntries(packages) }
}
