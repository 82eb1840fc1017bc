import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { storing } from './storage-failure.js'

/**
 * Replaces a file as a whole: written beside, synced, renamed, directory synced. A reader sees the old content or the
 * new, never a part. One writer at a time; a leftover of a killed one is overwritten by the next.
 * @throws StorageError; the file is then as it was and nothing lies beside it
 */
export function writeFileAtomically(path: string, content: string | Uint8Array): void {
  const beside = temporaryPath(path)
  storing('cannot write', path, () => {
    try {
      writeSynced(beside, content)
      renameSync(beside, path)
    } catch (error) {
      rmSync(beside, { force: true })
      throw error
    }
    syncDirectory(dirname(path))
  })
}

/**
 * Replaces a directory of files as a whole, in the same way. No system call exchanges two directories everywhere, so the old one is
 * set aside first; where a process ends between the two renames, `recoverDirectory` puts it back.
 * @param files - contents by plain file name
 * @throws StorageError; the directory is then as it was
 */
export function writeDirectoryAtomically(path: string, files: { readonly [name: string]: string | Uint8Array }): void {
  const beside = temporaryPath(path)
  storing('cannot write', path, () => {
    try {
      rmSync(beside, { recursive: true, force: true })
      mkdirSync(beside)
      for (const [name, content] of Object.entries(files)) writeSynced(join(beside, name), content)
      syncDirectory(beside)
      recoverDirectory(path)
      if (existsSync(path)) renameSync(path, asidePath(path))
      renameSync(beside, path)
    } catch (error) {
      rmSync(beside, { recursive: true, force: true })
      recoverDirectory(path)
      throw error
    }
    syncDirectory(dirname(path))
    rmSync(asidePath(path), { recursive: true, force: true })
  })
}

/** Puts a directory back that was being replaced when its writer ended; what is left of one that was replaced goes. */
export function recoverDirectory(path: string): void {
  const aside = asidePath(path)
  if (!existsSync(aside)) return
  if (existsSync(path)) rmSync(aside, { recursive: true, force: true })
  else renameSync(aside, path)
}

/** Where the old directory is while the new one takes its name. */
function asidePath(path: string): string {
  return join(dirname(path), `.${basename(path)}.old`)
}

/** Where a file or directory grows before it takes its name. */
export function temporaryPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.tmp`)
}

/** Writes all bytes at a position; `writeSync` alone may write only some of them. */
export function writeFully(descriptor: number, bytes: Uint8Array, position: number): void {
  let written = 0
  while (written < bytes.length) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, position + written)
  }
}

/**
 * Opened for update rather than append: Linux ignores write positions of files opened for append. A file that other runs hold too,
 * as a hard link (tidy-runs.ts), becomes a copy first: what is written here is not written there.
 */
export function openForUpdate(path: string): number {
  try {
    const descriptor = openSync(path, 'r+')
    if (fstatSync(descriptor).nlink === 1) return descriptor
    closeSync(descriptor)
    copyFileSync(path, temporaryPath(path))
    renameSync(temporaryPath(path), path)
    return openSync(path, 'r+')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return openSync(path, 'w+')
  }
}

/** Makes renames inside a directory survive a power cut, where the platform can (Windows can't open directories). */
export function syncDirectory(path: string): void {
  if (process.platform === 'win32') return
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function writeSynced(path: string, content: string | Uint8Array): void {
  const descriptor = openSync(path, 'w')
  try {
    writeFully(descriptor, typeof content === 'string' ? Buffer.from(content) : content, 0)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
