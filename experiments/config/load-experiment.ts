import { dirname, resolve } from 'node:path'
import { openBackend } from '#algorithms/tensor/backend.js'
import type { ConfigProblem } from '#env/errors.js'
import { isEnumerable } from '#env/mdp/enumerate.js'
import type { Registry } from '../modules/registry.js'
import { backendOptions } from '../plan/backend-options.js'
import { foldPlans, stepsOf } from '../plan/plan-trials.js'
import { textNotes } from '../worlds/text-notes.js'
import { openWorlds } from '../worlds/world-cache.js'
import { ConfigDocument } from './config-document.js'
import { EntryReader, entriesOf, isMapping, labelsOf, refuseLostLabels } from './entry-reader.js'
import { type ExperimentSettings, experimentSchema } from './experiment-schema.js'
import type { BackendInUse, LoadedAlgorithm, LoadedEnv, LoadedExperiment } from './loaded-experiment.js'
import { applyOverrides } from './overrides.js'
import { budgetOf, readAlgorithms } from './read-algorithms.js'
import { readBaselines } from './read-baselines.js'
import { readDocument } from './read-document.js'
import { readTeams } from './read-teams.js'
import { requireEnds, requireEnumerable, requireFiniteTotals, tryOut } from './try-out.js'

export interface LoadOptions {
  /** `a.b=c` settings that come before those of the file. */
  readonly set?: readonly string[]
  /** Number of seeds; comes before the file's. */
  readonly seeds?: number
  /** Where tables live, and on which backend; they come before the file's. */
  readonly form?: string
  readonly backend?: string
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

/** Carries options of the command line into a document; the problems of those that don't fit. */
export function applyOptions(document: ConfigDocument, options: LoadOptions): ConfigProblem[] {
  const problems = applyOverrides(document, options.set ?? [])
  for (const key of ['seeds', 'form', 'backend'] as const) {
    if (options[key] === undefined || !isMapping(document.data)) continue
    document.data[key] = options[key]
    document.markGiven([key], `--${key} ${options[key]}`)
  }
  if (options.form !== undefined && isMapping(document.data)) forgetForms(document.data.algorithms)
  return problems
}

/** A form given for the whole experiment comes before those that algorithms have of their own. */
function forgetForms(algorithms: unknown): void {
  for (const [, entry] of entriesOf(algorithms)) if (isMapping(entry)) delete entry.form
}

async function load(document: ConfigDocument, baseDir: string, options: LoadOptions): Promise<LoadedExperiment> {
  const reader = new EntryReader(
    document,
    baseDir,
    options.registry === undefined ? {} : { registry: options.registry },
  )
  reader.problems.push(...applyOptions(document, options))
  const data = isMapping(document.data) ? document.data : {}
  refuseLostLabels(reader, data, ['environments', 'algorithms', 'teams'])
  const settings = reader.check(experimentSchema, [], document.data)
  const labels = labelsOf(data, 'environments')

  // Entries are read even where the rest is wrong, so that all problems come at once.
  const environments = await reader.environments(data.environments)
  const common = {
    budget: budgetOf(reader, [], settings ?? { steps: 1 }),
    rows: settings?.rows ?? 1,
    form: settings?.form ?? 'arrays',
  }
  const learners = await readAlgorithms(reader, data.algorithms, labels, environments, common)
  const algorithms = [...learners, ...(await readTeams(reader, data.teams, labels, learners, common))]
  const baselines = await readBaselines(reader, data.baselines, environments, labels)
  const bestLocalOn = reader.on(['references', 'bestLocal', 'on'], settings?.references.bestLocal?.on, labels)
  if (settings?.folds !== undefined) checkFolds(reader, environments)

  const made = await tryOut(reader, settings?.discount ?? 0.9, { environments, algorithms, baselines })
  const enumerable = (label: string) => made.has(label) && isEnumerable(made.get(label)!)
  const trainRows = (await reader.attempt(['folds'], () => countRows(environments, made, settings), 'key')) ?? {}
  if (settings !== undefined) {
    checkBudgets(reader, settings, algorithms, trainRows, environments)
    checkDiscounted(reader, settings)
    if (settings.evaluation.method === 'exact') {
      requireEnumerable(reader, made, labels, ['evaluation', 'method'], 'exact evaluation')
      if (settings.discount === 1) await requireFiniteTotals(reader, made, labels, ['evaluation', 'method'])
    }
    if (settings.discount === 1 && settings.evaluation.method !== 'exact') {
      requireEnds(reader, made, settings.evaluation.method)
    }
    if (settings.references.bestLocal?.on !== undefined) {
      requireEnumerable(reader, made, bestLocalOn, ['references', 'bestLocal', 'on'], 'the best local policy')
    }
  }
  const backend = await findBackend(reader, settings, algorithms)
  if (options.backend !== undefined && backend === null && reader.problems.length === 0) {
    reader.refuse(['backend'], 'a backend is of tensors; add --form tensors, or leave it out')
  }
  if (reader.problems.length > 0 || settings === undefined) throw reader.failure()
  const { bestLocal } = settings.references
  const asked = bestLocal?.on === undefined ? labels.filter(enumerable) : bestLocalOn
  return {
    baseDir,
    settings,
    environments,
    specs: new Map([...made].map(([label, { spec }]) => [label, spec])),
    trainRows,
    algorithms,
    baselines,
    backend,
    bestLocal: bestLocal === undefined ? null : { on: asked, starts: bestLocal.starts },
    notes: await notesOn(environments, settings.folds !== undefined),
  }
}

/** What the tables of environments that could be made tell of their texts. */
async function notesOn(environments: readonly LoadedEnv[], folds: boolean): Promise<string[]> {
  const notes: string[] = []
  for (const { label, entry, ...planned } of environments) {
    const { data } = await openWorlds.open(entry, planned, null)
    if (data !== null) notes.push(...textNotes(label, data.texts, folds))
  }
  return notes
}

/** The tensor backend to learn on, opened so that it is known to be there; null where nothing learns on tensors. */
async function findBackend(
  reader: EntryReader,
  settings: ExperimentSettings | undefined,
  algorithms: readonly LoadedAlgorithm[],
): Promise<BackendInUse | null> {
  if (settings === undefined || algorithms.every(({ form }) => form === 'arrays')) return null
  const opened = await reader.attempt(['backend'], () => openBackend(settings.backend, backendOptions()))
  return opened === undefined ? null : { name: opened.name, device: opened.device }
}

/** Folds split the rows of a table: an environment without one has nothing to split. */
function checkFolds(reader: EntryReader, environments: readonly LoadedEnv[]): void {
  for (const { label, entry, data } of environments) {
    if (data !== null) continue
    reader.refuse(
      ['folds'],
      `folds split the rows of outcome tables, but "${label}" (${entry.name}) stands on none; leave folds out, or give it its table`,
      'key',
    )
  }
}

function checkBudgets(
  reader: EntryReader,
  settings: ExperimentSettings,
  algorithms: readonly LoadedAlgorithm[],
  trainRows: LoadedExperiment['trainRows'],
  environments: readonly LoadedEnv[],
): void {
  const { points } = settings.evaluation
  for (const { label, budget, rows, on, team } of algorithms) {
    const path = [team === undefined ? 'algorithms' : 'teams', label]
    for (const environment of on) {
      const table = trainRows[environment]
      if (!('steps' in budget) && table === undefined) {
        // One that couldn't be made has its own problem.
        if (environments.find(({ label: one }) => one === environment)?.data !== null) continue
        const message = `passes go through the rows of an outcome table, but "${environment}" stands on none; give steps`
        reader.refuse(path, message, 'key')
        break
      }
      if (!('steps' in budget) && rows > 1) {
        const message = `with ${rows} rows, each goes through the table in an order of its own, so that a pass would leave out some queries and repeat others; set rows: 1`
        reader.refuse(path, message, 'key')
        break
      }
      const steps = Math.min(...[table?.all ?? 0, ...(table?.folds ?? [])].map((n) => stepsOf(budget, n)))
      if (points * rows <= steps) continue
      // What the whole experiment says is wrong there, once for all.
      const raw = isMapping(reader.document.data) ? reader.document.data : {}
      const own = entriesOf(raw[team === undefined ? 'algorithms' : 'teams']).find(([name]) => name === label)?.[1]
      const common =
        raw.steps !== undefined && !(isMapping(own) && ['steps', 'passes', 'rows'].some((key) => key in own))
      reader.refuse(
        common ? ['steps'] : path,
        `${points} evaluations of ${rows} rows need at least ${points * rows} steps, got ${steps}; raise steps, or lower rows or evaluation.points`,
        common ? 'value' : 'key',
      )
      break
    }
  }
}

/** Rows to train on, of every environment on an outcome table that could be made. */
async function countRows(
  environments: readonly LoadedEnv[],
  made: ReadonlyMap<string, unknown>,
  settings: ExperimentSettings | undefined,
): Promise<LoadedExperiment['trainRows']> {
  const folds = settings?.folds === undefined ? [] : foldPlans(settings.folds)
  const counted = environments.flatMap(({ label, data }) => {
    return data === null || !made.has(label)
      ? []
      : [openWorlds.trainRows(data, folds).then((rows) => [label, rows] as const)]
  })
  return Object.fromEntries(await Promise.all(counted))
}

/** The search for local policies weighs states by how often they are visited, discounted. */
function checkDiscounted(reader: EntryReader, { discount, references }: ExperimentSettings): void {
  if (discount < 1 || references.bestLocal === undefined) return
  reader.refuse(
    ['references', 'bestLocal'],
    `the best local policy needs a discount below 1, got ${discount}; lower discount or leave this out`,
  )
}
