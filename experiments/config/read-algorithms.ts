import type { LearnerEntry } from '#algorithms/learner.js'
import { canonicalJson } from '#env/canonical-json.js'
import type { EnvEntry } from '#env/registry.js'
import { shipped } from '../modules/registry.js'
import { type ResolveOptions, resolveLearner } from '../modules/resolve.js'
import { type EntryReader, entriesOf } from './entry-reader.js'
import { algorithmKeys } from './experiment-schema.js'
import type { Budget, Form, LoadedAlgorithm, LoadedEntry } from './loaded-experiment.js'

/** Reads the `algorithms` of an experiment. `labels`: all environments; `common`: what an entry may override. */
export async function readAlgorithms(
  reader: EntryReader,
  raw: unknown,
  labels: readonly string[],
  environments: readonly LoadedEntry<EnvEntry>[],
  common: { readonly budget: Budget | undefined; readonly rows: number; readonly form: Form },
): Promise<LoadedAlgorithm[]> {
  const loaded: LoadedAlgorithm[] = []
  for (const [label, value] of entriesOf(raw)) {
    const path = ['algorithms', label]
    const { own, settings } = reader.split(path, value, algorithmKeys)
    const on = reader.on([...path, 'on'], own?.on, labels)
    const resolved = await reader.resolve(path, label, own, (use) =>
      resolveLearner(use, reader.baseDir, reader.options),
    )
    if (own === undefined || resolved === undefined) continue
    const config = reader.settings(path, resolved.entry.schema, settings, algorithmKeys)
    if (config === undefined) continue
    const budget = budgetOf(reader, path, own) ?? common.budget
    if (budget === undefined) {
      reader.refuse(path, 'has no budget; give steps, or passes, here or for the whole experiment', 'key')
      continue
    }
    const form = own.form ?? common.form
    if (resolved.entry.forms[form] === undefined) {
      const [at, where] = own.form === undefined ? [path, 'key' as const] : [[...path, 'form'], 'value' as const]
      const able = (await learnersOf(reader.options))
        .filter(({ forms }) => forms[form] !== undefined)
        .map(({ name }) => name)
      const other = form === 'tensors' ? 'arrays' : 'tensors'
      const message = `${resolved.entry.name} has no form of ${form}; give it form: ${other}, or use ${able.join(', ')}`
      reader.refuse(at, message, where)
      continue
    }
    loaded.push({ label, ...resolved, config, on, budget, rows: own.rows ?? common.rows, form })
  }
  refuseTwins(reader, loaded, environments)
  return loaded
}

/** Steps or passes, of which one can be given; undefined where neither is. */
export function budgetOf(
  reader: EntryReader,
  path: readonly string[],
  own: { readonly steps?: number | undefined; readonly passes?: number | undefined },
): Budget | undefined {
  const { steps, passes } = own
  if (steps !== undefined && passes !== undefined) {
    reader.refuse(
      [...path, 'passes'],
      `expected steps or passes, got both (${steps} and ${passes}); leave one out`,
      'key',
    )
  }
  if (steps !== undefined) return { steps }
  return passes === undefined ? undefined : { passes }
}

/** What names of algorithms can stand for. */
function learnersOf({ registry = shipped }: ResolveOptions): Promise<readonly LearnerEntry[]> {
  return registry.learners()
}

/** Entries with the same settings would be the same trials under two names. */
function refuseTwins(
  reader: EntryReader,
  loaded: readonly LoadedAlgorithm[],
  environments: readonly LoadedEntry<EnvEntry>[],
): void {
  const seen = new Map<string, string>()
  for (const { label, ref, config, budget, rows, form, on } of loaded) {
    for (const environment of on) {
      const world = environments.find((one) => one.label === environment)
      if (world === undefined) continue
      const key = canonicalJson([world.ref, world.config, ref, config, budget, rows, form])
      const here = `algorithms.${label} on environments.${environment}`
      const twin = seen.get(key)
      if (twin !== undefined) {
        reader.refuse(['algorithms', label], `${here} is the same trial as ${twin}; change or remove one`, 'key')
        break
      }
      seen.set(key, here)
    }
  }
}
