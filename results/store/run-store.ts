import { existsSync, mkdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { z } from 'zod'
import { RecordError, RunStateError, StorageError } from '#env/errors.js'
import { syncDirectory, temporaryPath, writeFileAtomically } from './atomic-write.js'
import { check, decodeJson } from './decode.js'
import { makeDirectories } from './make-directories.js'
import { type Manifest, manifestSchema } from './manifest.js'
import { readNames, readText } from './read-file.js'
import { type References, referencesSchema } from './references.js'
import { type RunRouting, runRoutingSchema } from './routing-records.js'
import { storing } from './storage-failure.js'
import { TrialStore } from './trial-store.js'

/** A run directory: manifest, references, one folder a trial, report. */
export class RunStore {
  readonly directory: string
  readonly manifest: Manifest

  private constructor(directory: string, manifest: Manifest) {
    this.directory = directory
    this.manifest = manifest
  }

  /**
   * Makes a run directory: built beside, then renamed, so that it is there whole or not at all.
   * @throws RecordError when the manifest is malformed
   * @throws RunStateError when something is there already, also what another process made in the meantime
   * @throws StorageError when it can't be made; empty directories made on the way are removed again
   */
  static create(directory: string, manifest: Manifest): RunStore {
    const path = resolve(directory)
    const checked = check(manifest, manifestSchema, join(path, 'manifest.json'))
    if (existsSync(path)) throw thereAlready(path)
    const parent = dirname(path)
    const firstMade = creating(parent, () => makeDirectories(parent))
    // Of this process only: another one may make the same run at this moment.
    const beside = temporaryPath(`${path}.${process.pid}-${++made}`)
    creating(path, () => {
      try {
        mkdirSync(beside)
        mkdirSync(join(beside, 'trials'))
        writeFileAtomically(join(beside, 'manifest.json'), encode(checked))
        renameSync(beside, path)
        syncDirectory(parent)
      } catch (error) {
        rmSync(beside, { recursive: true, force: true })
        if (firstMade !== undefined) removeEmpty(parent, firstMade)
        if (['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw thereAlready(path)
        throw error
      }
    })
    return new RunStore(path, checked)
  }

  /** Opens a run directory. @throws RecordError when it isn't one, or its manifest is malformed */
  static open(directory: string): RunStore {
    const path = resolve(directory)
    const file = join(path, 'manifest.json')
    const text = readText(file)
    if (text === null) throw new RecordError(`${path}: expected a run directory, found no manifest.json in it`)
    return new RunStore(path, decodeJson(text, manifestSchema, file))
  }

  /** Whether a run directory is here. */
  static exists(directory: string): boolean {
    return existsSync(join(directory, 'manifest.json'))
  }

  /** A trial's folder; it need not exist yet. @throws RecordError when the id isn't a plain folder name */
  trial(id: string): TrialStore {
    return new TrialStore(this.directory, id)
  }

  /** Ids of the trials that have a folder, sorted. `manifest.trials` has all that were planned. */
  trialIds(): string[] {
    return readNames(join(this.directory, 'trials')) ?? []
  }

  /** @throws StorageError, or RecordError when malformed */
  writeReferences(references: References): void {
    this.#write('references.json', referencesSchema, references)
  }

  /** Null when none were written. @throws RecordError when malformed */
  readReferences(): References | null {
    return this.#read('references.json', referencesSchema)
  }

  /** @throws StorageError, or RecordError when malformed */
  writeRouting(routing: RunRouting): void {
    this.#write('routing.json', runRoutingSchema, routing)
  }

  /** Null where the run routes no rows of an outcome table. @throws RecordError when malformed */
  readRouting(): RunRouting | null {
    return this.#read('routing.json', runRoutingSchema)
  }

  #write<T>(name: string, schema: z.ZodType<T>, value: T): void {
    const path = join(this.directory, name)
    writeFileAtomically(path, encode(check(value, schema, path)))
  }

  #read<T>(name: string, schema: z.ZodType<T>): T | null {
    const path = join(this.directory, name)
    const text = readText(path)
    return text === null ? null : decodeJson(text, schema, path)
  }
}

/** Run folders made by this process. */
let made = 0

/** Lacks of the machine; whatever else keeps a run's folder from being made is a wrong command. */
const lacks = ['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE']

function creating<T>(path: string, make: () => T): T {
  try {
    return storing('cannot create', path, make)
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    const { code = '' } = (error.cause ?? {}) as NodeJS.ErrnoException
    throw new StorageError(error.message, { cause: error.cause, exitCode: lacks.includes(code) ? 1 : 2 })
  }
}

function thereAlready(path: string): RunStateError {
  return new RunStateError(`${path}: there is something here already; resume it, or choose another directory`)
}

/** Removes directories from `inner` up to `outer`, as far as they are empty. */
function removeEmpty(inner: string, outer: string): void {
  try {
    for (let path = inner; ; path = dirname(path)) {
      rmdirSync(path)
      if (path === outer || path === dirname(path)) return
    }
  } catch {
    // Somebody else has put something into it.
  }
}

function encode(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
