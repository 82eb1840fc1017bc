import { CadreError, StorageError } from '#env/errors.js'

const explanations: { readonly [code: string]: string } = {
  EACCES: 'permission denied; choose another directory or change its permissions',
  EPERM: 'not permitted; choose another directory or change its permissions',
  EROFS: 'the file system is read-only; choose another directory',
  ENOSPC: 'no space left on the device; free some or choose another directory',
  EDQUOT: 'the disk quota is used up; free some space or choose another directory',
  EFBIG: 'the file would be larger than this file system allows; choose another directory',
  ENOTDIR: 'a part of the path is a file, not a directory',
  EISDIR: 'expected a file, found a directory',
  EEXIST: 'a file is in the way where a directory is needed; choose another directory',
  ENOENT: 'no such file or directory',
  ENAMETOOLONG: 'the path is longer than this file system allows; choose a shorter one',
  EMFILE: 'too many open files; run fewer trials at once or raise the limit',
  EIO: 'the device reported a read or write error; check the disk',
}

/**
 * A file system failure as a StorageError: what was tried, where, why and what to do.
 * @param action - such as "cannot write"
 */
export function storageFailure(action: string, path: string, cause: unknown): StorageError {
  const { code, message } = cause as NodeJS.ErrnoException
  const reason = (code !== undefined && explanations[code]) || message
  return new StorageError(`${path}: ${action}: ${reason}${code === undefined ? '' : ` (${code})`}`, { cause })
}

/** Runs a file system operation; whatever it throws becomes a StorageError, but for errors that say already what to do. */
export function storing<T>(action: string, path: string, operation: () => T): T {
  try {
    return operation()
  } catch (error) {
    throw error instanceof CadreError ? error : storageFailure(action, path, error)
  }
}
