import { createReadStream, readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { StorageError } from '#env/errors.js'
import { whyUnreadable } from './why-unreadable.js'

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
    throw unreadable(path, whyUnreadable(error), error)
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
  let first = true
  try {
    for await (const chunk of readBytes(path)) {
      if (first && isUtf16(chunk)) throw unreadable(path, UTF_16, undefined)
      first = false
      yield decoder.decode(chunk, { stream: true })
    }
    yield decoder.decode()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error
    throw unreadable(path, NOT_UTF_8, error)
  }
}

const UTF_16 = 'this file is UTF-16; save it as UTF-8'
const NOT_UTF_8 = 'not UTF-8 text; save it as UTF-8'

/** The text of a file that a user hands in, without a byte order mark. Throws what reading throws. */
export function readUserText(path: string): { readonly text: string } | { readonly problem: string } {
  const bytes = readFileSync(path)
  if (isUtf16(bytes)) return { problem: UTF_16 }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return { problem: NOT_UTF_8 }
  }
}

/** Tells UTF-16 by its byte order mark, or by the zeros between letters of Latin text. */
function isUtf16(bytes: Uint8Array): boolean {
  if (bytes.length < 2) return false
  const mark = (bytes[0]! << 8) | bytes[1]!
  if (mark === 0xfffe || mark === 0xfeff) return true
  const seen = bytes.subarray(0, 200)
  const zeros = [0, 0]
  for (let k = 0; k < seen.length; k++) if (seen[k] === 0) zeros[k % 2]!++
  const most = Math.max(...zeros)
  return most > seen.length / 4 && most > 4 * Math.min(...zeros)
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
