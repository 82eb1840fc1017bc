import { createHash } from 'node:crypto'
import { StorageError } from '#env/errors.js'
import { differenceFrom } from './data-file.js'
import type { FileContent } from './data-set.js'

/**
 * Gives `content` back when it is what is published.
 * @param from - where it came from, for the message
 * @throws StorageError when it isn't
 */
export function verified(content: Uint8Array, published: FileContent, from: string): Uint8Array {
  const sha256 = createHash('sha256').update(content).digest('hex')
  const difference = differenceFrom(published, { bytes: content.length, sha256 })
  if (difference !== undefined) {
    throw new StorageError(`${from}: not what is published: ${difference}; nothing was kept`)
  }
  return content
}

/**
 * Reads on until the end, but no further than what is published is long, and checks it.
 * @throws StorageError when it isn't what is published; what `chunks` throws
 */
export async function collectVerified(
  chunks: AsyncIterable<Uint8Array>,
  published: FileContent,
  from: string,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    parts.push(chunk)
    bytes += chunk.length
    if (bytes > published.bytes) {
      throw new StorageError(
        `${from}: not what is published: expected ${published.bytes} bytes, got more; nothing was kept`,
      )
    }
  }
  return verified(Buffer.concat(parts), published, from)
}
