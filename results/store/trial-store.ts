import { closeSync, fstatSync, fsyncSync, ftruncateSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import { StorageError } from '#env/errors.js'
import {
  openForUpdate,
  recoverDirectory,
  writeDirectoryAtomically,
  writeFileAtomically,
  writeFully,
} from './atomic-write.js'
import { check, decodeJson, decodeLines } from './decode.js'
import { LogWriter } from './log-writer.js'
import { trialId } from './manifest.js'
import { readBytes, readNames, readText } from './read-file.js'
import { type TrialRouting, trialRoutingSchema } from './routing-records.js'
import { storing } from './storage-failure.js'
import {
  type Evaluation,
  evaluationSchema,
  type Metric,
  metricSchema,
  type PolicyViewRecord,
  policyViewSchema,
  type Timing,
  type TrialResult,
  timingSchema,
  trialResultSchema,
} from './trial-records.js'

/** The logs of a trial, open for appending. */
export interface TrialLogs {
  readonly metrics: LogWriter<Metric>
  readonly evaluations: LogWriter<Evaluation>
  readonly timing: LogWriter<Timing>
}

/**
 * One trial's folder, `trials/<id>/`. Works from any thread; one writer at a time. Reading returns null for what isn't
 * there yet and throws RecordError, naming file and line, for what is malformed.
 */
export class TrialStore {
  readonly id: string
  readonly directory: string

  /** @throws RecordError when the id isn't a plain folder name */
  constructor(runDirectory: string, id: string) {
    this.id = check(id, trialId, runDirectory)
    this.directory = join(runDirectory, 'trials', id)
  }

  /** Makes the folder and removes what a killed writer left unfinished. @throws StorageError */
  prepare(): void {
    storing('cannot create', this.directory, () => {
      mkdirSync(this.directory, { recursive: true })
      recoverDirectory(this.#path('policy'))
      for (const name of readdirSync(this.directory)) {
        if (name.startsWith('.') && name.endsWith('.tmp')) rmSync(join(this.directory, name), { recursive: true })
      }
    })
  }

  /** Removes everything of this trial. @throws StorageError */
  clear(): void {
    storing('cannot remove', this.directory, () => rmSync(this.directory, { recursive: true, force: true }))
  }

  /** Opens the logs at their ends. The caller closes them. @throws StorageError */
  openLogs(): TrialLogs {
    return {
      metrics: new LogWriter(this.#path('metrics.jsonl'), metricSchema),
      evaluations: new LogWriter(this.#path('evaluations.jsonl'), evaluationSchema),
      timing: new LogWriter(this.#path('timing.jsonl'), timingSchema),
    }
  }

  readMetrics(): Metric[] {
    return this.#readLog('metrics.jsonl', metricSchema)
  }

  readEvaluations(): Evaluation[] {
    return this.#readLog('evaluations.jsonl', evaluationSchema)
  }

  readTimings(): Timing[] {
    return this.#readLog('timing.jsonl', timingSchema)
  }

  /** Ends the trial. @throws StorageError, or RecordError when the result is malformed */
  writeResult(result: TrialResult): void {
    this.#writeJson('trial.json', trialResultSchema, result)
  }

  /** Takes an earlier end back: the trial goes on. @throws StorageError */
  removeResult(): void {
    const path = this.#path('trial.json')
    storing('cannot remove', path, () => rmSync(path, { force: true }))
  }

  readResult(): TrialResult | null {
    return this.#readJson('trial.json', trialResultSchema)
  }

  /** @param files - the bundle: contents by plain file name. @throws StorageError */
  writePolicy(files: { readonly [name: string]: string | Uint8Array }): void {
    writeDirectoryAtomically(this.#path('policy'), files)
  }

  readPolicy(): { [name: string]: Uint8Array } | null {
    const names = readNames(this.#path('policy'))
    if (names === null) return null
    return Object.fromEntries(names.map((name) => [name, readBytes(this.#path('policy', name))!]))
  }

  /** @throws StorageError, or RecordError when a panel's axes and choices differ in size */
  writePolicyView(view: PolicyViewRecord): void {
    this.#writeJson('policy-view.json', policyViewSchema, view)
  }

  readPolicyView(): PolicyViewRecord | null {
    return this.#readJson('policy-view.json', policyViewSchema)
  }

  /** @throws StorageError, or RecordError when malformed */
  writeRouting(routing: TrialRouting): void {
    this.#writeJson('routing.json', trialRoutingSchema, routing)
  }

  /** Null where the trial doesn't route rows of an outcome table, or isn't over. */
  readRouting(): TrialRouting | null {
    return this.#readJson('routing.json', trialRoutingSchema)
  }

  /** Replaces the checkpoint. Flush the logs first: it holds their lengths. @throws StorageError */
  writeCheckpoint(state: Uint8Array): void {
    storing('cannot create', this.#path('checkpoint'), () => mkdirSync(this.#path('checkpoint'), { recursive: true }))
    writeFileAtomically(this.#path('checkpoint', 'state.bin'), state)
  }

  readCheckpoint(): Uint8Array | null {
    return readBytes(this.#path('checkpoint', 'state.bin'))
  }

  /**
   * Appends to a part of the checkpoint that only grows. To be called before `writeCheckpoint`, whose state says how long each
   * part is: what lies beyond was written by somebody who was killed before that, and goes.
   * @param length - bytes of the part before
   * @throws StorageError, also when the part is shorter than that
   */
  appendToCheckpoint(name: string, length: number, bytes: Uint8Array): void {
    const path = this.#partPath(name)
    storing('cannot write', path, () => {
      mkdirSync(this.#path('checkpoint'), { recursive: true })
      const file = openForUpdate(path)
      try {
        const { size } = fstatSync(file)
        if (size < length) throw new StorageError(`${path}: expected ${length} bytes or more, got ${size}`)
        ftruncateSync(file, length)
        writeFully(file, bytes, length)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
    })
  }

  /** The first `length` bytes of a part that grows; null where there are fewer. */
  readFromCheckpoint(name: string, length: number): Uint8Array | null {
    const bytes = readBytes(this.#partPath(name))
    return bytes === null || bytes.length < length ? null : bytes.subarray(0, length)
  }

  #partPath(name: string): string {
    return this.#path('checkpoint', `${encodeURIComponent(name)}.bin`)
  }

  /** @throws StorageError */
  removeCheckpoint(): void {
    const path = this.#path('checkpoint')
    storing('cannot remove', path, () => rmSync(path, { recursive: true, force: true }))
  }

  #path(...names: string[]): string {
    return join(this.directory, ...names)
  }

  #writeJson<T>(name: string, schema: z.ZodType<T>, value: T): void {
    const path = this.#path(name)
    writeFileAtomically(path, `${JSON.stringify(check(value, schema, path), null, 2)}\n`)
  }

  #readJson<T>(name: string, schema: z.ZodType<T>): T | null {
    const text = readText(this.#path(name))
    return text === null ? null : decodeJson(text, schema, this.#path(name))
  }

  /** A trial without its trial.json may have been killed in the middle of a line. */
  #readLog<T>(name: string, schema: z.ZodType<T>): T[] {
    const partialEnd = readBytes(this.#path('trial.json')) === null
    return decodeLines(readText(this.#path(name)) ?? '', schema, this.#path(name), { partialEnd })
  }
}
