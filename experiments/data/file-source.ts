import { join, resolve } from 'node:path'
import { StorageError } from '#env/errors.js'
import { presentFile, publishedBytes } from './data-file.js'
import { type DataFile, type PublishedSet, publicBaseUrl, type SourceFile, sourceUrl } from './data-set.js'
import { type DownloadOptions, download } from './download.js'
import { collectVerified, verified } from './verified-content.js'

/** Where the files of a data set are got from. */
export interface FileSource {
  /** For messages. */
  readonly description: string
  /**
   * The file's content, checked.
   * @throws StorageError when it can't be had or isn't what is published
   */
  get(set: PublishedSet, file: DataFile, signal: AbortSignal): Promise<Uint8Array>
}

/** Downloads at a time. */
const concurrency = 6

/** The public repositories, or a mirror of them. */
export class PublicSource implements FileSource {
  readonly description: string
  readonly #options: DownloadOptions

  constructor(baseUrl: string = publicBaseUrl, options: DownloadOptions = {}) {
    this.description = baseUrl
    this.#options = options
  }

  async get(set: PublishedSet, file: DataFile, signal: AbortSignal): Promise<Uint8Array> {
    const contents = await inParallel(file.parts, concurrency, signal, (part, stop) =>
      download(sourceUrl(set, part, this.description), part, { ...this.#options, signal: stop }),
    )
    return joined(file, contents, this.description)
  }
}

/** A folder with the set's files, plain or packed, or with a checkout of the repository they come from. */
export class FolderSource implements FileSource {
  readonly description: string

  constructor(folder: string) {
    this.description = resolve(folder)
  }

  async get(set: PublishedSet, file: DataFile): Promise<Uint8Array> {
    const folders = [[], [set.folder], ['data', set.folder]].map((below) => join(this.description, ...below))
    const path = folders.flatMap((folder) => presentFile(folder, file.name) ?? [])[0]
    if (path !== undefined) return collectVerified(publishedBytes(file, path), file, path)
    const contents: Uint8Array[] = []
    for (const part of file.parts) {
      const found = presentFile(this.description, part.path)
      if (found === undefined) throw this.#absent(set, file, part)
      contents.push(await collectVerified(publishedBytes(part, found), part, found))
    }
    return joined(file, contents, this.description)
  }

  #absent(set: PublishedSet, file: DataFile, part: SourceFile): StorageError {
    const places = `there, in ${set.folder} or in ${join('data', set.folder)}`
    return new StorageError(
      `${this.description}: expected ${file.name} (.gz allowed) ${places}, or ${part.path} of ${set.source.repository}`,
      { exitCode: 2 },
    )
  }
}

function joined(file: DataFile, contents: readonly Uint8Array[], from: string): Uint8Array {
  return file.join === undefined ? contents[0]! : verified(file.join(contents), file, `${from}: ${file.name}`)
}

/** Does `work` on every item, some at a time; the first failure stops the others and is thrown once they have ended. */
async function inParallel<T, R>(
  items: readonly T[],
  limit: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length)
  const stop = new AbortController()
  const stopped = AbortSignal.any([signal, stop.signal])
  let next = 0
  const lane = async () => {
    while (next < items.length) {
      stopped.throwIfAborted()
      const i = next++
      results[i] = await work(items[i]!, stopped)
    }
  }
  const lanes = Array.from({ length: Math.min(limit, items.length) }, () =>
    lane().catch((error: unknown) => {
      stop.abort(error)
      throw error
    }),
  )
  await Promise.allSettled(lanes)
  signal.throwIfAborted()
  if (stop.signal.aborted) throw stop.signal.reason
  return results
}
