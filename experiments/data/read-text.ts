import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { StorageError } from '#env/errors.js'

/**
 * A file's bytes in chunks, unpacked when its name ends in `.gz`. Holds a few chunks at most.
 * @throws StorageError when the file can't be read or isn't gzip
 */
export async function* readBytes(path: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path)
  const bytes = path.endsWith('.gz') ? unpacked(file) : file
  try {
    for await (const chunk of bytes) yield chunk
  } catch (error) {
    throw unreadable(path, (error as Error).message, error)
  } finally {
    bytes.destroy()
    file.destroy()
  }
}

/**
 * A file's text in chunks, unpacked when its name ends in `.gz`. Holds a few chunks at most.
 * @throws StorageError when the file can't be read, isn't gzip or isn't UTF-8
 */
export async function* readText(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  try {
    for await (const chunk of readBytes(path)) yield decoder.decode(chunk, { stream: true })
    yield decoder.decode()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error
    throw unreadable(path, 'not UTF-8 text', error)
  }
}

/** A whole file's text; for files known to be small. */
export async function readWhole(path: string): Promise<string> {
  const chunks: string[] = []
  for await (const chunk of readText(path)) chunks.push(chunk)
  return chunks.join('')
}

function unpacked(file: Readable): Readable {
  const gunzip = createGunzip()
  file.on('error', (error) => gunzip.destroy(error))
  return file.pipe(gunzip)
}

function unreadable(path: string, reason: string, cause: unknown): StorageError {
  return new StorageError(`${path}: can't be read: ${reason}`, { cause, exitCode: 2 })
}
