import { realpathSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { RunLock } from '#results/store/run-lock.js'

/**
 * Holds a decision log for one gateway: the file `LOG.lock` beside it names the process. A lock whose process is gone is
 * taken over. What isn't a file (a pipe, a null device) needs none.
 * @param path - absolute; the log may not be there yet
 * @throws RunStateError when another gateway holds it
 * @throws StorageError when the lock can't be written
 */
export function holdLog(path: string): { release(): void } {
  const file = realPath(path)
  // Where the folder is absent, opening the log says so.
  if (file === null || statSync(file, { throwIfNoEntry: false })?.isFile() === false)
    return { release: () => undefined }
  return RunLock.at(
    `${file}.lock`,
    'writes this decision log; name another: log.file, or delete the lock if that process is gone',
  )
}

/** The file without symbolic links: the same for all its names. Null where its folder is absent. */
function realPath(path: string): string | null {
  for (const find of [() => realpathSync(path), () => join(realpathSync(dirname(path)), basename(path))]) {
    try {
      return find()
    } catch {
      // It may still be made.
    }
  }
  return null
}
