import { closeSync, fstatSync, fsync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { StorageError } from '#env/errors.js'
import type { LineSink } from './decision-log.js'

/** How long lines may be only in the memory of the operating system. */
const syncEveryMs = 1000

/**
 * A file of lines that only grows. A line is with the operating system before `append` returns: lines survive a crash of this
 * process, and but for those of the last second a power cut. A last line that a crash has torn is cut off when the file is
 * opened. One writer at a time.
 */
export class LogFile implements LineSink {
  readonly path: string
  /** Bytes of a torn last line that were cut off at opening. */
  readonly repairedBytes: number
  readonly #timer: NodeJS.Timeout
  #descriptor: number | null
  #dirty = false

  /** @throws StorageError when it can't be opened */
  constructor(path: string) {
    this.path = path
    try {
      this.#descriptor = openSync(path, 'a+', 0o600)
      this.repairedBytes = cutTornLine(this.#descriptor)
    } catch (error) {
      throw this.#failure('cannot open', error)
    }
    this.#timer = setInterval(() => this.#sync(), syncEveryMs).unref()
  }

  /** @throws StorageError when it can't be written whole; nothing of it is then left in the file */
  append(line: string): void {
    if (this.#descriptor === null) throw new StorageError(`${this.path}: the log is closed`)
    const bytes = Buffer.from(line)
    let written = 0
    try {
      while (written < bytes.length) written += writeSync(this.#descriptor, bytes, written)
    } catch (error) {
      if (written > 0) ftruncateSync(this.#descriptor, fstatSync(this.#descriptor).size - written)
      throw this.#failure('cannot append', error)
    }
    this.#dirty = true
  }

  /** Syncs and closes. */
  close(): void {
    if (this.#descriptor === null) return
    clearInterval(this.#timer)
    try {
      fsyncSync(this.#descriptor)
    } finally {
      closeSync(this.#descriptor)
      this.#descriptor = null
    }
  }

  #sync(): void {
    if (!this.#dirty || this.#descriptor === null) return
    this.#dirty = false
    fsync(this.#descriptor, (error) => {
      if (error !== null) this.#dirty = true
    })
  }

  #failure(action: string, cause: unknown): StorageError {
    const { message, code } = cause as NodeJS.ErrnoException
    const advice = code === 'ENOSPC' ? '; free some space' : ''
    return new StorageError(`${this.path}: ${action}: ${message}${advice}`, { cause })
  }
}

/** Cuts the file back to the end of its last whole line. @returns the bytes cut off */
function cutTornLine(descriptor: number): number {
  const { size } = fstatSync(descriptor)
  const block = Buffer.alloc(65_536)
  let end = size
  while (end > 0) {
    const from = Math.max(0, end - block.length)
    const length = readSync(descriptor, block, 0, end - from, from)
    const lineEnd = block.subarray(0, length).lastIndexOf(0x0a)
    if (lineEnd >= 0) {
      end = from + lineEnd + 1
      break
    }
    end = from
  }
  if (end < size) ftruncateSync(descriptor, end)
  return size - end
}
