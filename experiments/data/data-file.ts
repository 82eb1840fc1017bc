import { createHash, type Hash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { join } from 'node:path'
import { StorageError } from '#env/errors.js'
import { storing } from '#results/store/storage-failure.js'
import type { FileContent, Published } from './data-set.js'
import { readBytes } from './read-text.js'

/** Path of a file that may lie in a folder plain or as NAME.gz (plain first), or undefined where it does neither. */
export function presentFile(folder: string, name: string): string | undefined {
  return [join(folder, name), join(folder, `${name}.gz`)].find(
    (path) => storing('cannot read', path, () => statSync(path, { throwIfNoEntry: false }))?.isFile() === true,
  )
}

/**
 * Path of a file that a reader needs.
 * @throws StorageError naming both paths where it is absent
 */
export function neededFile(folder: string, name: string): string {
  const path = presentFile(folder, name)
  if (path === undefined) throw new StorageError(`${join(folder, name)}: no such file, nor .gz`, { exitCode: 2 })
  return path
}

/**
 * Length and hash of a file's content, unpacked when its name ends in `.gz`: the same for both forms. Streamed.
 * @throws StorageError when it can't be read
 */
export async function contentOf(path: string): Promise<FileContent> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of readBytes(path)) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** What a content differs in from what is published, in words, or undefined where it doesn't. */
export function contentDifference(published: Published, content: Uint8Array): string | undefined {
  if ('gitBlob' in published) return blobDifference(published.gitBlob, gitHash(content.length).update(content))
  const sha256 = createHash('sha256').update(content).digest('hex')
  return differenceFrom(published, { bytes: content.length, sha256 })
}

/** The same of a file, plain or packed; one that can't be read differs. */
export async function fileDifference(published: Published, path: string): Promise<string | undefined> {
  try {
    if (!('gitBlob' in published)) return differenceFrom(published, await contentOf(path))
    const hash = gitHash(statSync(path).size)
    for await (const chunk of publishedBytes(published, path)) hash.update(chunk)
    return blobDifference(published.gitBlob, hash)
  } catch (error) {
    return (error as Error).message
  }
}

/** The bytes of a file that are published: what is known by Git's id is taken as it lies, all else unpacked. */
export function publishedBytes(published: Published, path: string): AsyncIterable<Uint8Array> {
  return 'gitBlob' in published ? createReadStream(path) : readBytes(path)
}

function differenceFrom(published: FileContent, content: FileContent): string | undefined {
  if (content.sha256 === published.sha256) return undefined
  return content.bytes === published.bytes
    ? `expected sha256 ${published.sha256}, got ${content.sha256}`
    : `expected ${published.bytes} bytes, got ${content.bytes}`
}

/** Git's hash of a file of this length, before its bytes. */
function gitHash(bytes: number): Hash {
  return createHash('sha1').update(`blob ${bytes}\0`)
}

function blobDifference(expected: string, hash: Hash): string | undefined {
  const got = hash.digest('hex')
  return got === expected ? undefined : `expected Git's id ${expected}, got ${got}`
}
