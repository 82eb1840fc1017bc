import { readdirSync, readFileSync } from 'node:fs'
import { storageFailure } from './storage-failure.js'

/** The bytes of a file, or null when it isn't there. @throws StorageError when it can't be read */
export function readBytes(path: string): Uint8Array | null {
  return unlessMissing(path, () => new Uint8Array(readFileSync(path)))
}

/** The text of a file, or null when it isn't there. @throws StorageError when it can't be read */
export function readText(path: string): string | null {
  return unlessMissing(path, () => readFileSync(path, 'utf8'))
}

/** Names in a directory, sorted, without unfinished files; null when it isn't there. @throws StorageError */
export function readNames(path: string): string[] | null {
  return unlessMissing(path, () =>
    readdirSync(path)
      .filter((name) => !name.startsWith('.'))
      .sort(),
  )
}

function unlessMissing<T>(path: string, read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw storageFailure('cannot read', path, error)
  }
}
