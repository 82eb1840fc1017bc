import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { UnknownNameError, unknownNameMessage } from '#env/errors.js'
import type { Json } from '#env/json.js'
import type { EnvEntry } from '#env/registry.js'
import { bundleFolder } from '../bundles/bundle-folder.js'
import type { Registry } from '../modules/registry.js'
import { policyNames, resolvePolicy } from '../modules/resolve.js'
import { plannedEnv } from '../plan/planned-entry.js'
import type { ModuleRef, PlannedEnv } from '../plan/trial-plan.js'
import { ConfigDocument } from './config-document.js'
import { EntryReader, entriesOf, isMapping, labelsOf, refuseLostLabels } from './entry-reader.js'
import { discount, entriesByLabel, labels, runName } from './experiment-schema.js'
import type { LoadedEntry } from './loaded-experiment.js'
import { applyOverrides } from './overrides.js'
import { readDocument } from './read-document.js'
import { makeEnvironments } from './try-out.js'

/** A policy of a suite in one environment. */
export interface BenchPolicy extends ModuleRef {
  readonly label: string
  /** bundle: `use` is the folder of a policy bundle; entry: a registered name or a user's file. */
  readonly kind: 'bundle' | 'entry'
  /** Label of the environment it acts in. */
  readonly environment: string
  readonly config: Json
}

/** A benchmark: policies side by side on the same seeds and episodes. Plain JSON. */
export interface BenchSuite {
  readonly name: string
  readonly discount: number
  /** Episodes a policy and environment. */
  readonly episodes: number
  readonly seed: number
  /** Environments stepped together. */
  readonly rows: number
  readonly environments: { readonly [label: string]: PlannedEnv }
  /** Environment by environment, policy by policy. */
  readonly policies: readonly BenchPolicy[]
}

/** A benchmark file, entries still unread. */
export const suiteSchema = z.strictObject({
  name: runName,
  discount: discount.default(1),
  episodes: z.int().min(1).max(10_000_000).default(1000).describe('episodes a policy and environment'),
  seed: z
    .int()
    .min(0)
    .default(0)
    .describe('decides the starts and the luck of the episodes, the same for every policy'),
  rows: z.int().min(1).max(65_536).default(16).describe('environments stepped together'),
  environments: entriesByLabel.describe('worlds to act in, by label'),
  policies: entriesByLabel.describe('policies to compare, by label: names, files, or folders of policy bundles'),
})

/** Keys of a policy's entry that aren't its settings. */
/** What an entry of a suite's policies may have besides its own settings. */
export const policyKeys = z.object({ use: z.string().min(1).optional(), on: labels.optional() })

export interface SuiteOptions {
  /** `a.b=c` settings that come before those of the file. */
  readonly set?: readonly string[]
  /** What names stand for. Default: what ships with Cadre. */
  readonly registry?: Registry
}

/**
 * Reads and checks a benchmark file. Paths in it are relative to its folder.
 * @throws ConfigError with every problem, located
 */
export async function loadBenchSuite(file: string, options: SuiteOptions = {}): Promise<BenchSuite> {
  return load(readDocument(file), dirname(resolve(file)), options)
}

/**
 * As `loadBenchSuite`, from a value.
 * @param baseDir - absolute folder that paths in it are relative to
 */
export async function loadBenchSuiteData(
  data: unknown,
  baseDir: string,
  options: SuiteOptions = {},
): Promise<BenchSuite> {
  return load(ConfigDocument.fromData(data), baseDir, options)
}

async function load(document: ConfigDocument, baseDir: string, options: SuiteOptions): Promise<BenchSuite> {
  const resolving = options.registry === undefined ? {} : { registry: options.registry }
  const reader = new EntryReader(document, baseDir, resolving)
  reader.problems.push(...applyOverrides(document, options.set ?? []))
  const data = isMapping(document.data) ? document.data : {}
  refuseLostLabels(reader, data, ['environments', 'policies'])
  const settings = reader.check(suiteSchema, [], document.data)
  const environments = await reader.environments(data.environments)
  await makeEnvironments(reader, environments)
  const found: BenchPolicy[] = []
  for (const [label, raw] of entriesOf(data.policies)) {
    found.push(...(await readPolicy(reader, label, raw, environments, labelsOf(data, 'environments'))))
  }
  if (settings === undefined || reader.problems.length > 0) throw reader.failure()
  const planned = environments.map((loaded): [string, PlannedEnv] => [loaded.label, plannedEnv(loaded)])
  const order = environments.map(({ label }) => label)
  const policies = found.sort((a, b) => order.indexOf(a.environment) - order.indexOf(b.environment))
  return { ...settings, environments: Object.fromEntries(planned), policies }
}

async function readPolicy(
  reader: EntryReader,
  label: string,
  raw: unknown,
  environments: readonly LoadedEntry<EnvEntry>[],
  all: readonly string[],
): Promise<BenchPolicy[]> {
  const path = ['policies', label]
  const { own, settings } = reader.split(path, raw, policyKeys)
  if (own === undefined) return []
  const on = reader.on([...path, 'on'], own.on, all)
  const candidates = environments.filter((environment) => on.includes(environment.label))
  const use = own.use ?? label
  const at = own.use === undefined ? path : [...path, 'use']
  const bundle = bundleFolder(use, reader.baseDir)
  const policies: BenchPolicy[] = []
  const problemsBefore = reader.problems.length
  for (const environment of candidates) {
    if (bundle !== undefined) {
      for (const key of Object.keys(settings)) {
        reader.refuse([...path, key], 'unknown key; a policy bundle brings its own settings', 'key')
      }
      policies.push({ label, kind: 'bundle', use: bundle, sha256: null, environment: environment.label, config: {} })
      continue
    }
    try {
      const { entry, ref } = await resolvePolicy(use, reader.baseDir, environment.entry, reader.options)
      const config = reader.settings(path, entry.schema, settings, policyKeys)
      if (config !== undefined) policies.push({ label, kind: 'entry', ...ref, environment: environment.label, config })
    } catch (error) {
      // A policy of one environment needn't be known in the others, unless the entry says so.
      if (error instanceof UnknownNameError && own.on === undefined) continue
      await reader.attempt(at, () => {
        throw error
      })
    }
  }
  if (policies.length === 0 && candidates.length > 0 && reader.problems.length === problemsBefore) {
    const known = await policyNames(
      candidates.map(({ entry }) => entry),
      reader.options,
    )
    reader.refuse(at, unknownNameMessage('policy', use, known), own.use === undefined ? 'key' : 'value')
  }
  return policies
}
