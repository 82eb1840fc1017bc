import { StorageError } from '#env/errors.js'
import { contentDifference } from './data-file.js'
import type { Published } from './data-set.js'

/** Most bytes of a file whose length isn't known beforehand. */
const mostBytes = 256 * 2 ** 20

/**
 * Gives `content` back when it is what is published.
 * @param from - where it came from, for the message
 * @throws StorageError when it isn't
 */
export function verified(content: Uint8Array, published: Published, from: string): Uint8Array {
  const difference = contentDifference(published, content)
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
  published: Published,
  from: string,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let bytes = 0
  const most = 'bytes' in published ? published.bytes : mostBytes
  for await (const chunk of chunks) {
    parts.push(chunk)
    bytes += chunk.length
    if (bytes > most) {
      throw new StorageError(
        `${from}: not what is published: expected ${'bytes' in published ? '' : 'at most '}${most} bytes, got more; nothing was kept`,
      )
    }
  }
  return verified(Buffer.concat(parts), published, from)
}
