import { mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { StorageError } from '#env/errors.js'
import { writeFileAtomically } from '#results/store/atomic-write.js'
import { storing } from '#results/store/storage-failure.js'
import { fileDifference, presentFile } from './data-file.js'
import type { PublishedSet } from './data-set.js'
import type { FileSource } from './file-source.js'
import { inspectCopy, type SetCopy } from './set-copy.js'

export interface PullOptions {
  /** The cache, in which the set gets a folder. */
  readonly cache: string
  readonly source: FileSource
  /** Stops everything; files that are whole stay. */
  readonly signal?: AbortSignal
  readonly onFile?: (path: string, bytes: number) => void
}

/**
 * Puts a data set into the cache, file by file, each checked before it is written and written as a whole: one that is
 * there and as published stays, so that a pull that was cut short goes on.
 * @returns the copy in the cache
 * @throws StorageError when a file can't be had, isn't what is published or can't be written
 */
export async function pullDataSet(set: PublishedSet, options: PullOptions): Promise<SetCopy> {
  const { source, signal = new AbortController().signal, onFile } = options
  const folder = resolve(options.cache, set.folder)
  for (const file of set.files) {
    const present = presentFile(folder, file.name)
    if (present !== undefined && (await fileDifference(file, present)) === undefined) continue
    const content = await source.get(set, file, signal)
    // A plain file is read before a packed one beside it.
    const path = join(folder, file.name)
    storing('cannot make', dirname(path), () => mkdirSync(dirname(path), { recursive: true }))
    writeFileAtomically(path, content)
    onFile?.(path, content.length)
  }
  const copy = await inspectCopy(set, folder)
  if (copy.folder !== undefined) return copy
  throw new StorageError(`data set ${set.name}: ${copy.reason ?? `a file went from ${folder}`}; pull it again`)
}
