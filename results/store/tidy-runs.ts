import { linkSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { CadreError } from '#env/errors.js'
import { temporaryPath } from './atomic-write.js'
import { runFolders, sizeOf } from './list-runs.js'
import { isRunning, RunLock } from './run-lock.js'
import { RunStore } from './run-store.js'
import { storing } from './storage-failure.js'

/** What tidying a folder of runs did, or would do. */
export interface Tidied {
  /** Files and folders that killed processes left behind, and checkpoints of trials that ended well since. */
  readonly removed: readonly { readonly path: string; readonly bytes: number }[]
  /** Files of finished trials that several runs have: stored once, and there in each of the runs. */
  readonly linked: { readonly files: number; readonly bytes: number }
  /** Runs that a process works on: left alone. */
  readonly busy: readonly string[]
}

/**
 * Frees what a folder of runs needn't hold. No run loses anything: files that several runs have become hard links to one, which
 * each run keeps when the others are deleted, zipped or moved.
 * @param dryRun - says what would be done, and does nothing
 * @throws StorageError when something can't be read or removed
 * @throws RunStateError when a process begins to work on a run at that moment
 */
export function tidyRuns(folder: string, { dryRun }: { readonly dryRun: boolean }): Tidied {
  const removed = new Removals(dryRun)
  for (const name of storing('cannot read', folder, () => readdirSync(folder))) {
    // Of a start: `.NAME.PROCESS-NUMBER.tmp`, see RunStore.create.
    const process = /^\..*\.(\d+)-\d+\.tmp$/.exec(name)?.[1]
    if (process !== undefined && !isRunning(Number(process))) removed.add(join(folder, name))
  }
  const trials = new SharedFiles(dryRun)
  const busy: string[] = []
  for (const run of runFolders(folder)) {
    if (RunLock.holderOf(run) !== null) {
      busy.push(run)
    } else if (dryRun) {
      tidyRun(run, removed, trials)
    } else {
      const lock = RunLock.acquire(run)
      try {
        tidyRun(run, removed, trials)
      } finally {
        lock.release()
      }
    }
  }
  return { removed: removed.all, linked: { files: trials.files, bytes: trials.bytes }, busy }
}

function tidyRun(run: string, removed: Removals, shared: SharedFiles): void {
  let store: RunStore
  try {
    store = RunStore.open(run)
  } catch (error) {
    if (error instanceof CadreError) return
    throw error
  }
  for (const entry of readdirSync(run, { recursive: true, withFileTypes: true })) {
    // What is set aside while a folder is replaced (`.old`) may be the only copy: whoever opens it next puts it back.
    if (entry.name.startsWith('.') && entry.name.endsWith('.tmp')) removed.add(join(entry.parentPath, entry.name))
  }
  for (const id of store.trialIds().filter((name) => !name.startsWith('.'))) {
    const trial = store.trial(id)
    if (!endedWell(trial)) continue
    const checkpoint = join(trial.directory, 'checkpoint')
    if (statSync(checkpoint, { throwIfNoEntry: false }) !== undefined) removed.add(checkpoint)
    shared.addTrial(id, trial.directory)
  }
}

function endedWell(trial: ReturnType<RunStore['trial']>): boolean {
  try {
    return trial.readResult()?.status === 'done'
  } catch (error) {
    if (error instanceof CadreError) return false
    throw error
  }
}

class Removals {
  readonly all: { readonly path: string; readonly bytes: number }[] = []
  readonly #dryRun: boolean

  constructor(dryRun: boolean) {
    this.#dryRun = dryRun
  }

  add(path: string): void {
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined) return
    this.all.push({ path, bytes: found.isDirectory() ? sizeOf(path) : found.size })
    if (!this.#dryRun) storing('cannot remove', path, () => rmSync(path, { recursive: true, force: true }))
  }
}

/** Files of trials by id and name; those of equal content become links to the first. */
class SharedFiles {
  files = 0
  bytes = 0
  readonly #first = new Map<string, string>()
  readonly #dryRun: boolean

  constructor(dryRun: boolean) {
    this.#dryRun = dryRun
  }

  addTrial(id: string, directory: string): void {
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      const within = relative(directory, path)
      if (!entry.isFile() || within.startsWith('checkpoint') || basename(path).startsWith('.')) continue
      const key = `${id}/${within}`
      const first = this.#first.get(key)
      if (first === undefined) this.#first.set(key, path)
      else if (areEqualCopies(first, path)) this.#link(first, path)
    }
  }

  #link(first: string, path: string): void {
    const { size } = statSync(path)
    if (!this.#dryRun) {
      const beside = temporaryPath(path)
      try {
        rmSync(beside, { force: true })
        linkSync(first, beside)
        renameSync(beside, path)
      } catch (error) {
        rmSync(beside, { force: true })
        // Another file system, or one without links: the copies stay.
        if (['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? '')) return
        throw error
      }
    }
    this.files++
    this.bytes += size
  }
}

/** Whether two files are of equal content and not one already. */
function areEqualCopies(first: string, second: string): boolean {
  const [a, b] = [statSync(first), statSync(second)]
  if (a.size !== b.size || a.size === 0 || (a.ino === b.ino && a.dev === b.dev)) return false
  return readFileSync(first).equals(readFileSync(second))
}
