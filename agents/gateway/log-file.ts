import { closeSync, fstatSync, fsync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { StorageError } from '#env/errors.js'
import type { LineSink } from './decision-log.js'
import { DECISION_FORMAT } from './decision-record.js'

/** How long lines may be only in the memory of the operating system. */
const syncEveryMs = 1000
/** How every decision log begins, whatever its version. */
const logBegins = `{"format":"${DECISION_FORMAT.replace(/\d+$/, '')}`

/**
 * A decision log: a file of lines that only grows. A line is with the operating system before `append` returns: lines survive a crash of this
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

  /** @throws StorageError when it can't be opened, or is a file of something else: that is left as it is */
  constructor(path: string) {
    this.path = path
    let descriptor: number | null = null
    try {
      descriptor = openSync(path, 'a+', 0o600)
      checkLog(descriptor, path)
      this.repairedBytes = cutTornLine(descriptor)
    } catch (error) {
      if (descriptor !== null) closeSync(descriptor)
      throw error instanceof StorageError ? error : this.#failure('cannot open', error)
    }
    this.#descriptor = descriptor
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

/**
 * A log whose only line was torn may be shorter than what logs begin with.
 * @throws StorageError when the file is something else than a decision log
 */
function checkLog(descriptor: number, path: string): void {
  const length = Math.min(fstatSync(descriptor).size, logBegins.length)
  const head = Buffer.alloc(length)
  readSync(descriptor, head, 0, length, 0)
  if (head.toString('latin1') === logBegins.slice(0, length)) return
  throw new StorageError(`${path}: expected a decision log, found a file of something else; name another: log.file`, {
    exitCode: 2,
  })
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
