import { closeSync, fstatSync, fsyncSync, ftruncateSync } from 'node:fs'
import type { z } from 'zod'
import { RecordError, StorageError } from '#env/errors.js'
import { openForUpdate, writeFully } from './atomic-write.js'
import { check } from './decode.js'
import { storageFailure, storing } from './storage-failure.js'

/**
 * An append-only log of one JSON record a line. A checkpoint stores `length` after a `flush`; resuming calls
 * `truncate` with it, so that a resumed log equals one that was never interrupted, byte for byte.
 */
export class LogWriter<T> {
  readonly path: string
  readonly #schema: z.ZodType<T>
  #descriptor: number | null
  #length: number

  /**
   * Opens the log at its end, making the file when it isn't there.
   * @throws StorageError when it can't be opened
   */
  constructor(path: string, schema: z.ZodType<T>) {
    this.path = path
    this.#schema = schema
    this.#descriptor = storing('cannot open', path, () => openForUpdate(path))
    this.#length = storing('cannot read the size', path, () => fstatSync(this.#open()).size)
  }

  /** Bytes in the log. */
  get length(): number {
    return this.#length
  }

  /**
   * Adds one line.
   * @throws RecordError when the record is malformed, such as a value that isn't finite
   * @throws StorageError when it can't be written whole; the log then ends where it ended before
   */
  append(record: T): void {
    const bytes = Buffer.from(`${JSON.stringify(check(record, this.#schema, this.path))}\n`)
    const descriptor = this.#open()
    try {
      writeFully(descriptor, bytes, this.#length)
    } catch (error) {
      try {
        ftruncateSync(descriptor, this.#length)
      } catch {
        // The failure to report is the first one; what can't be cut off now is cut off by the next resume.
      }
      throw storageFailure('cannot append', this.path, error)
    }
    this.#length += bytes.length
  }

  /**
   * Cuts the log back to `length` bytes.
   * @throws RecordError when the log is shorter than that
   */
  truncate(length: number): void {
    if (!Number.isInteger(length) || length < 0 || length > this.#length) {
      throw new RecordError(
        `${this.path}: expected at least ${length} bytes, as its checkpoint says, found ${this.#length}; start the trial again`,
      )
    }
    storing('cannot truncate', this.path, () => ftruncateSync(this.#open(), length))
    this.#length = length
  }

  /** Makes everything appended so far survive a power cut. @throws StorageError */
  flush(): void {
    storing('cannot sync', this.path, () => fsyncSync(this.#open()))
  }

  /** Flushes and closes; a closed log takes nothing more. */
  close(): void {
    if (this.#descriptor === null) return
    try {
      this.flush()
    } finally {
      closeSync(this.#open())
      this.#descriptor = null
    }
  }

  #open(): number {
    if (this.#descriptor === null) throw new StorageError(`${this.path}: the log is closed; open a new LogWriter`)
    return this.#descriptor
  }
}
