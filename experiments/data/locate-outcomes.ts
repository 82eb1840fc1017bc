import { statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { StorageError, UsageError } from '#env/errors.js'
import type { ModelOutcomes } from '#env/outcomes/model-outcomes.js'
import { contentOf } from './data-file.js'
import { dataFolders, type Environment } from './data-folders.js'
import type { DataSet, PublishedSet } from './data-set.js'
import { dataSets, findDataSet } from './data-sets.js'
import { readOutcomes } from './read-outcomes.js'
import { inspectCopy, type NoCopy, type SetCopy } from './set-copy.js'

/** An outcome table that is on this machine. */
export interface OutcomeLocation {
  /** The data set's name (never an alias), or the path as it was given. */
  readonly name: string
  readonly kind: 'set' | 'file'
  /** Absolute paths of everything the table is read from; those of a set in the order of its `files`. */
  readonly files: readonly string[]
  /** Of the content, lower-case hex: the same wherever it lies, packed or plain. */
  readonly sha256: string
}

/**
 * Finds an outcome table. What ends in `.csv` or `.jsonl` (`.gz` allowed) or holds a slash is a path; all else is the
 * name of a data set, looked for in `$CADRE_SHARED/data`, then in the cache that `cadre data pull` fills; the first copy
 * that is as published counts.
 * @param baseDir - what relative paths start from
 * @throws UnknownNameError for a set nobody knows; UsageError for another kind of file; StorageError when the table isn't
 *   here, can't be read, or no copy of a set is as published
 */
export async function locateOutcomes(
  nameOrPath: string,
  baseDir: string,
  env: Environment = process.env,
): Promise<OutcomeLocation> {
  const isTable = /\.(csv|jsonl)(\.gz)?$/.test(nameOrPath)
  return isTable || /[/\\]/.test(nameOrPath)
    ? locateFile(nameOrPath, resolve(baseDir, nameOrPath), isTable)
    : locateSet(findDataSet(nameOrPath), env)
}

/**
 * Reads a located table.
 * @param models - those to keep, in this order; default: all
 * @throws ConfigError, located, when the table isn't what it should be or lacks a model; StorageError
 */
export async function loadOutcomes(location: OutcomeLocation, models?: readonly string[]): Promise<ModelOutcomes> {
  const file = location.files[0]!
  return location.kind === 'set' ? findDataSet(location.name).read(dirname(file), models) : readOutcomes(file, models)
}

/**
 * The copy of a set that counts on this machine: the first in `$CADRE_SHARED/data` or the cache that is whole and as
 * published.
 */
export async function findCopy(set: PublishedSet, env: Environment = process.env): Promise<SetCopy | NoCopy> {
  let reason: string | undefined
  for (const folder of placesOf(set, env)) {
    const copy = await inspectCopy(set, folder)
    if (copy.folder !== undefined) return copy
    reason ??= copy.reason
  }
  return { reason }
}

/** The folders in which a set is looked for, in order. */
function placesOf({ folder }: PublishedSet, env: Environment): readonly string[] {
  const { shared, cache } = dataFolders(env)
  return [shared, cache].flatMap((place) => (place === undefined ? [] : [resolve(place, folder)]))
}

async function locateSet(set: DataSet, env: Environment): Promise<OutcomeLocation> {
  const { name } = set
  const copy = await findCopy(set, env)
  if (copy.folder !== undefined) return { name, kind: 'set', files: copy.files, sha256: copy.sha256 }
  const found = copy.reason ?? `not in ${placesOf(set, env).join(' nor in ')}`
  throw new StorageError(
    `data set ${name}: ${found}; run \`cadre data pull ${name}\`, or set CADRE_SHARED to a folder that has ${join('data', set.folder)}`,
    { exitCode: 2 },
  )
}

async function locateFile(name: string, path: string, isTable: boolean): Promise<OutcomeLocation> {
  if (!isTable) {
    throw new UsageError(`${name}: expected an outcome table named *.csv, *.jsonl, *.csv.gz or *.jsonl.gz`)
  }
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    const sets = dataSets.map((set) => set.name).join(', ')
    throw new StorageError(`${path}: no such file; expected an outcome table, or the name of a data set (${sets})`, {
      exitCode: 2,
    })
  }
  return { name, kind: 'file', files: [path], sha256: (await contentOf(path)).sha256 }
}
