import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { ConfigError, type ConfigProblem } from '#env/errors.js'
import { isEnumerable } from '#env/mdp/enumerate.js'
import type { Registry } from '../modules/registry.js'
import { ConfigDocument } from './config-document.js'
import { EntryReader, isMapping, labelsOf } from './entry-reader.js'
import { type ExperimentSettings, experimentSchema } from './experiment-schema.js'
import type { LoadedExperiment } from './loaded-experiment.js'
import { applyOverrides } from './overrides.js'
import { readAlgorithms } from './read-algorithms.js'
import { readBaselines } from './read-baselines.js'
import { requireEnumerable, tryOut } from './try-out.js'

export interface LoadOptions {
  /** `a.b=c` settings that come before those of the file. */
  readonly set?: readonly string[]
  /** Number of seeds; comes before the file's. */
  readonly seeds?: number
  /** What names stand for. Default: what ships with Cadre. */
  readonly registry?: Registry
}

/**
 * Reads, completes and checks an experiment file. Paths in it are relative to its folder.
 * @throws ConfigError with every problem found, each with file, line and column (or the option of the command line)
 */
export async function loadExperiment(file: string, options: LoadOptions = {}): Promise<LoadedExperiment> {
  return load(readDocument(file), dirname(resolve(file)), options)
}

/**
 * As `loadExperiment`, from a value.
 * @param baseDir - absolute folder that paths in it are relative to
 */
export async function loadExperimentData(
  data: unknown,
  baseDir: string,
  options: LoadOptions = {},
): Promise<LoadedExperiment> {
  return load(ConfigDocument.fromData(data), baseDir, options)
}

/**
 * The document in a file.
 * @throws ConfigError when it can't be read or isn't YAML
 */
export function readDocument(file: string): ConfigDocument {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason =
      code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'this is a folder, expected a YAML file' : message
    throw new ConfigError([{ path: '', message: reason, file }])
  }
  return ConfigDocument.parse(text, file)
}

/** Carries options of the command line into a document; the problems of those that don't fit. */
export function applyOptions(document: ConfigDocument, options: LoadOptions): ConfigProblem[] {
  const problems = applyOverrides(document, options.set ?? [])
  if (options.seeds !== undefined && isMapping(document.data)) {
    document.data.seeds = options.seeds
    document.markGiven(['seeds'], `--seeds ${options.seeds}`)
  }
  return problems
}

async function load(document: ConfigDocument, baseDir: string, options: LoadOptions): Promise<LoadedExperiment> {
  const reader = new EntryReader(
    document,
    baseDir,
    options.registry === undefined ? {} : { registry: options.registry },
  )
  reader.problems.push(...applyOptions(document, options))
  const data = isMapping(document.data) ? document.data : {}
  const settings = reader.check(experimentSchema, [], document.data)
  const labels = labelsOf(data, 'environments')

  // Entries are read even where the rest is wrong, so that all problems come at once.
  const environments = await reader.environments(data.environments)
  const common = { steps: settings?.steps ?? 1, rows: settings?.rows ?? 1 }
  const algorithms = await readAlgorithms(reader, data.algorithms, labels, environments, common)
  const baselines = await readBaselines(reader, data.baselines, environments, labels)
  const bestLocalOn = reader.on(['references', 'bestLocal', 'on'], settings?.references.bestLocal?.on, labels)
  if (settings !== undefined) checkBudgets(reader, settings, algorithms)

  const made = await tryOut(reader, settings?.discount ?? 0.9, { environments, algorithms, baselines })
  const enumerable = (label: string) => made.has(label) && isEnumerable(made.get(label)!)
  if (settings !== undefined) {
    checkExact(reader, settings)
    if (settings.evaluation.method === 'exact') {
      requireEnumerable(reader, made, labels, ['evaluation', 'method'], 'exact evaluation')
    }
    if (settings.references.bestLocal?.on !== undefined) {
      requireEnumerable(reader, made, bestLocalOn, ['references', 'bestLocal', 'on'], 'the best local policy')
    }
  }
  if (reader.problems.length > 0 || settings === undefined) throw reader.failure()
  const { bestLocal } = settings.references
  const asked = bestLocal?.on === undefined ? labels.filter(enumerable) : bestLocalOn
  return {
    baseDir,
    settings,
    environments,
    algorithms,
    baselines,
    bestLocal: bestLocal === undefined ? null : { on: asked, starts: bestLocal.starts },
  }
}

function checkBudgets(
  reader: EntryReader,
  settings: ExperimentSettings,
  algorithms: readonly { label: string; steps: number; rows: number }[],
): void {
  for (const { label, steps, rows } of algorithms) {
    const { points } = settings.evaluation
    if (points * rows <= steps) continue
    reader.refuse(
      ['algorithms', label],
      `${points} evaluations of ${rows} rows need at least ${points * rows} steps, got ${steps}; raise steps, or lower rows or evaluation.points`,
      'key',
    )
  }
}

/** Policies needn't have finite values without a discount; the optimum is left to what planning can tell of the model. */
function checkExact(reader: EntryReader, settings: ExperimentSettings): void {
  if (settings.discount < 1) return
  const refuse = (path: string[], what: string) =>
    reader.refuse(path, `${what} needs a discount below 1, got ${settings.discount}; lower discount or leave this out`)
  if (settings.evaluation.method === 'exact') refuse(['evaluation', 'method'], 'exact evaluation')
  if (settings.references.bestLocal !== undefined) refuse(['references', 'bestLocal'], 'the best local policy')
}
