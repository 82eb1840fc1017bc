import type { LearnerEntry } from '#algorithms/learner.js'
import { UnknownNameError, UserModuleError } from '#env/errors.js'
import type { EnvEntry, PolicyEntry } from '#env/registry.js'
import type { ModuleRef } from '../plan/trial-plan.js'
import { findEntry, namesOf, type Registry, shipped } from './registry.js'
import { type EntryKind, userEntry } from './user-entry.js'
import { isPath, loadUserFile } from './user-file.js'

/** An entry, and where it came from. */
export interface Resolved<E> {
  readonly entry: E
  readonly ref: ModuleRef
}

export interface ResolveOptions {
  /** What names stand for. Default: what ships with Cadre. */
  readonly registry?: Registry
  /** What the file hashed to when the run was planned: a changed one is refused. */
  readonly sha256?: string | null
}

/**
 * The environment that `use` stands for: a registered name or alias, or a file whose default export is an `EnvEntry`.
 * @param baseDir - absolute folder that paths are relative to
 * @throws UnknownNameError, or UserModuleError for files
 */
export async function resolveEnv(
  use: string,
  baseDir: string,
  options: ResolveOptions = {},
): Promise<Resolved<EnvEntry>> {
  if (isPath(use)) return fromFile<EnvEntry>(use, baseDir, 'environment', options)
  return fromList(use, await (options.registry ?? shipped).environments(), 'environment')
}

/** The learner that `use` stands for, as `resolveEnv`. */
export async function resolveLearner(
  use: string,
  baseDir: string,
  options: ResolveOptions = {},
): Promise<Resolved<LearnerEntry>> {
  if (isPath(use)) return fromFile<LearnerEntry>(use, baseDir, 'algorithm', options)
  return fromList(use, await (options.registry ?? shipped).learners(), 'algorithm')
}

/**
 * The policy that `use` stands for in an environment: the environment's own policies first, then the generic ones, or a
 * file whose default export is a `PolicyEntry`.
 */
export async function resolvePolicy(
  use: string,
  baseDir: string,
  environment: EnvEntry,
  options: ResolveOptions = {},
): Promise<Resolved<PolicyEntry>> {
  if (isPath(use)) return fromFile<PolicyEntry>(use, baseDir, 'policy', options)
  const own = (environment.policies ?? []) as readonly PolicyEntry[]
  return fromList(use, [...own, ...(await (options.registry ?? shipped).baselines())], 'policy')
}

/** The policies that names can stand for in any of these environments: their own, then the generic ones. */
export async function policyNames(environments: readonly EnvEntry[], options: ResolveOptions = {}): Promise<string[]> {
  const own = environments.flatMap((entry) => namesOf(entry.policies ?? []))
  const generic = namesOf(await (options.registry ?? shipped).baselines())
  return [...new Set([...own, ...generic])]
}

function fromList<E extends { readonly name: string; readonly aliases: readonly string[] }>(
  use: string,
  entries: readonly E[],
  kind: EntryKind,
): Resolved<E> {
  const entry = findEntry(entries, use)
  if (entry === undefined) throw new UnknownNameError(kind, use, namesOf(entries))
  return { entry, ref: { use: entry.name, sha256: null } }
}

async function fromFile<E>(
  use: string,
  baseDir: string,
  kind: EntryKind,
  options: ResolveOptions,
): Promise<Resolved<E>> {
  const file = await loadUserFile(use, baseDir)
  const expected = options.sha256 ?? null
  if (expected !== null && expected !== file.sha256) {
    throw new UserModuleError(`${file.path}: the file changed after the run was planned; start the command again`)
  }
  return { entry: userEntry(file, kind) as unknown as E, ref: { use: file.path, sha256: file.sha256 } }
}
