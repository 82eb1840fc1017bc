import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { StorageError, UsageError } from '#env/errors.js'
import type { ModelOutcomes } from '#env/outcomes/model-outcomes.js'
import { contentOf, differenceFrom, presentFile } from './data-file.js'
import { dataFolders, type Environment } from './data-folders.js'
import type { DataSet } from './data-set.js'
import { dataSets, findDataSet } from './data-sets.js'
import { readOutcomes } from './read-outcomes.js'

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
 * name of a data set, looked for in `$CADRE_SHARED/data`, then in the cache that `cadre data pull` fills.
 * @param baseDir - what relative paths start from
 * @throws UnknownNameError for a set nobody knows; UsageError for another kind of file; StorageError when the table isn't
 *   here, can't be read, or a set's content isn't the published one
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

/** Where a set's files lie: one folder that has them all, or undefined. */
export function findSetFiles(set: DataSet, env: Environment = process.env): readonly string[] | undefined {
  return placesOf(set, env)
    .map((folder) => set.files.flatMap(({ name }) => presentFile(folder, name) ?? []))
    .find((files) => files.length === set.files.length)
}

/** The folders in which a set is looked for, in order. */
function placesOf({ folder }: DataSet, env: Environment): readonly string[] {
  const { shared, cache } = dataFolders(env)
  return [shared, cache].flatMap((place) => (place === undefined ? [] : [resolve(place, folder)]))
}

async function locateSet(set: DataSet, env: Environment): Promise<OutcomeLocation> {
  const { name } = set
  const files = findSetFiles(set, env)
  if (files === undefined) {
    throw new StorageError(
      `data set ${name}: not in ${placesOf(set, env).join(' nor in ')}; run \`cadre data pull ${name}\`, or set CADRE_SHARED to a folder that has ${join('data', set.folder)}`,
      { exitCode: 2 },
    )
  }
  const hash = createHash('sha256')
  for (const [i, file] of set.files.entries()) {
    const path = files[i]!
    const content = await contentOf(path)
    const difference = differenceFrom(file, content)
    if (difference !== undefined) {
      throw new StorageError(
        `${path}: not what ${name} publishes: ${difference}; remove the file and run \`cadre data pull ${name}\`, or name a changed table by its path`,
        { exitCode: 2 },
      )
    }
    hash.update(`${file.name} ${content.sha256}\n`)
  }
  return { name, kind: 'set', files, sha256: hash.digest('hex') }
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
