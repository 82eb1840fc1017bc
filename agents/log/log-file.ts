import { closeSync, fstatSync, fsync, fsyncSync, ftruncateSync, openSync, readSync, statSync, writeSync } from 'node:fs'
import { StorageError } from '#env/errors.js'
import type { LineSink } from './decision-log.js'
import { beginsAsLog, tellingBytes } from './log-beginning.js'

/** How long lines may be only in the memory of the operating system. */
const syncEveryMs = 1000

export interface LogFileOptions {
  /** Hears that the file was moved away (or changed for another) and that lines go on in the one that has its name now. */
  onRotated?(): void
}

/**
 * A decision log: a file of lines that only grows. A line is with the operating system before `append` returns: lines survive a crash of this
 * process, and but for those of the last second a power cut. A last line that a crash has torn is cut off when the file is
 * opened. One writer at a time. Where the file is moved away, as logrotate does it, lines go on in a new one of its name: the one
 * that logrotate made, or one made here. A file that was deleted is missed: nothing can be appended until there is one again.
 */
export class LogFile implements LineSink {
  readonly path: string
  /** Bytes of a torn last line that were cut off at opening. */
  readonly repairedBytes: number
  readonly #timer: NodeJS.Timeout
  readonly #options: LogFileOptions
  #open: OpenFile | null
  #dirty = false
  /** Whether nothing had the name of the log at the last look: whoever moved it may be about to make another. */
  #nameless = false

  /** @throws StorageError when it can't be opened, or is a file of something else: that is left as it is */
  constructor(path: string, options: LogFileOptions = {}) {
    this.path = path
    this.#options = options
    this.#open = this.#openFile()
    this.repairedBytes = this.#open.repairedBytes
    this.#timer = setInterval(() => this.#sync(), syncEveryMs).unref()
  }

  /** @throws StorageError when it can't be written whole; nothing of it is then left in the file */
  append(line: string): void {
    const { descriptor } = this.#current()
    const bytes = Buffer.from(line)
    let written = 0
    try {
      while (written < bytes.length) written += writeSync(descriptor, bytes, written)
    } catch (error) {
      if (written > 0) ftruncateSync(descriptor, fstatSync(descriptor).size - written)
      throw this.#failure('cannot append', error)
    }
    this.#dirty = true
  }

  /** @throws StorageError when nothing could be appended now, because the file is gone */
  check(): void {
    this.#current()
  }

  /**
   * Opens the file of its name anew, as whoever rotates logs asks for: lines go on there from now on. One that was moved away or
   * deleted is made again.
   * @throws StorageError when that can't be opened, or is a file of something else: lines then go on where they went
   */
  reopen(): void {
    const open = this.#open
    if (open?.isFile === true) this.#goOn(open)
  }

  /** Syncs and closes. */
  close(): void {
    if (this.#open === null) return
    clearInterval(this.#timer)
    const { descriptor, isFile } = this.#open
    this.#open = null
    try {
      if (isFile) fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  }

  /** The file that has the log's name now. @throws StorageError where there is none any more, or it is none of ours */
  #current(): OpenFile {
    const open = this.#open
    if (open === null) throw new StorageError(`${this.path}: the log is closed`)
    if (!open.isFile) return open
    const named = statSync(this.path, { throwIfNoEntry: false })
    if (named !== undefined && named.ino === open.inode && named.dev === open.device) {
      this.#nameless = false
      return open
    }
    if (named === undefined) {
      if (fstatSync(open.descriptor).nlink === 0) {
        throw new StorageError(`${this.path}: the decision log was deleted; make an empty file there, or start again`)
      }
      // Moved away: it still takes the lines of this moment, in which another may be made in its place.
      this.#nameless = !this.#nameless
      if (this.#nameless) return open
    }
    return this.#goOn(open)
  }

  /** Lines go on in the file that has the name now, which is made where there is none. */
  #goOn(before: OpenFile): OpenFile {
    this.#nameless = false
    const next = this.#openFile()
    this.#open = next
    closeSynced(before.descriptor)
    if (next.inode !== before.inode || next.device !== before.device) this.#options.onRotated?.()
    return next
  }

  #openFile(): OpenFile {
    let descriptor: number | null = null
    try {
      descriptor = openSync(this.path, 'a+', 0o600)
      checkLog(descriptor, this.path)
      const repairedBytes = cutTornLine(descriptor)
      const status = fstatSync(descriptor)
      return { descriptor, repairedBytes, isFile: status.isFile(), inode: status.ino, device: status.dev }
    } catch (error) {
      if (descriptor !== null) closeSync(descriptor)
      throw error instanceof StorageError ? error : this.#failure('cannot open', error)
    }
  }

  #sync(): void {
    if (!this.#dirty || this.#open === null || !this.#open.isFile) return
    this.#dirty = false
    fsync(this.#open.descriptor, (error) => {
      if (error !== null) this.#dirty = true
    })
  }

  #failure(action: string, cause: unknown): StorageError {
    const { message, code } = cause as NodeJS.ErrnoException
    const advice = code === 'ENOSPC' ? '; free some space' : ''
    return new StorageError(`${this.path}: ${action}: ${message}${advice}`, { cause })
  }
}

interface OpenFile {
  readonly descriptor: number
  readonly repairedBytes: number
  /** Not a pipe or a device: those are written for as long as they are open. */
  readonly isFile: boolean
  readonly inode: number
  readonly device: number
}

/** Closes a file that was moved away, its lines on the disk as far as the disk lets them. */
function closeSynced(descriptor: number): void {
  try {
    fsyncSync(descriptor)
  } catch {
    // A disk that fails is found out by the next line.
  } finally {
    closeSync(descriptor)
  }
}

/** @throws StorageError when the file is something else than a decision log */
function checkLog(descriptor: number, path: string): void {
  const length = Math.min(fstatSync(descriptor).size, tellingBytes)
  const head = Buffer.alloc(length)
  readSync(descriptor, head, 0, length, 0)
  if (beginsAsLog(head.toString('latin1'))) return
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
