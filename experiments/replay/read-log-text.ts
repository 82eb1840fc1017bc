import { createReadStream } from 'node:fs'
import { StorageError } from '#env/errors.js'
import { whyUnreadable } from '../data/why-unreadable.js'

/**
 * The text of a decision log that may have been rotated, in parts. What a crash has left of the last line of a file that was then moved
 * away is none of the next one's.
 * @param files - from the oldest to the newest
 * @throws StorageError when one can't be read
 */
export async function readLogText(files: readonly string[]): Promise<string[]> {
  const texts: string[][] = []
  for (const file of files) texts.push(await partsOf(file))
  return texts.flatMap((parts, k) => {
    if (k === texts.length - 1) return parts
    const end = parts.findLastIndex((part) => part.includes('\n'))
    if (end < 0) return []
    return [...parts.slice(0, end), parts[end]!.slice(0, parts[end]!.lastIndexOf('\n') + 1)]
  })
}

async function partsOf(file: string): Promise<string[]> {
  const parts: string[] = []
  try {
    for await (const part of createReadStream(file, 'utf8')) parts.push(part as string)
  } catch (error) {
    throw new StorageError(`${file}: can't be read: ${whyUnreadable(error)}`, { cause: error, exitCode: 2 })
  }
  return parts
}
