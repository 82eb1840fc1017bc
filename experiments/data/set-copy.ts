import { createHash } from 'node:crypto'
import { fileDifference, presentFile } from './data-file.js'
import type { PublishedSet } from './data-set.js'

/** A data set in a folder, whole and as published. */
export interface SetCopy {
  readonly folder: string
  /** Absolute paths, in the order of the set's `files`. */
  readonly files: readonly string[]
  /** Over all files' contents, lower-case hex: the same wherever they lie, packed or plain. */
  readonly sha256: string
}

/** Why a folder has no copy: a file isn't there, or isn't what is published (then `reason` says which and how). */
export interface NoCopy {
  readonly folder?: undefined
  readonly reason: string | undefined
}

/**
 * Reads all files of a set in a folder and holds them against what is published.
 * @param folder - absolute
 */
export async function inspectCopy(set: PublishedSet, folder: string): Promise<SetCopy | NoCopy> {
  const files = set.files.flatMap(({ name }) => presentFile(folder, name) ?? [])
  if (files.length < set.files.length) return { reason: undefined }
  const hash = createHash('sha256')
  for (const [i, file] of set.files.entries()) {
    const difference = await fileDifference(file, files[i]!)
    if (difference !== undefined) return { reason: `${files[i]} is not what is published: ${difference}` }
    hash.update(`${file.name} ${'sha256' in file ? file.sha256 : file.gitBlob}\n`)
  }
  return { folder, files, sha256: hash.digest('hex') }
}
