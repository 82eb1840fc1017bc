import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CadreError } from '#env/errors.js'
import type { Manifest } from './manifest.js'
import { RunLock } from './run-lock.js'
import { RunStore } from './run-store.js'
import { storing } from './storage-failure.js'

/** What is known of a run without reading its curves. */
export interface RunInfo {
  /** Absolute folder. */
  readonly run: string
  readonly experiment: string
  /** ISO 8601. */
  readonly created: string
  /** running: a process works on it; damaged: its files can't be read. */
  readonly status: 'done' | 'failed' | 'stopped' | 'running' | 'damaged'
  /** Trials that ended well, that failed, and all that were planned. */
  readonly done: number
  readonly failed: number
  readonly trials: number
  readonly bytes: number
}

/** Folders of the runs in `folder`, sorted; hidden ones are of starts that were killed. @throws StorageError when it can't be read */
export function runFolders(folder: string): string[] {
  const entries = storing('cannot read', folder, () => readdirSync(folder, { withFileTypes: true }))
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && RunStore.exists(join(folder, entry.name)))
    .map(({ name }) => join(folder, name))
    .sort()
}

/** The runs in a folder, newest first. @throws StorageError when it can't be read */
export function listRuns(folder: string): RunInfo[] {
  return runFolders(folder)
    .map(describeRun)
    .sort((a, b) => b.created.localeCompare(a.created) || a.run.localeCompare(b.run))
}

function describeRun(directory: string): RunInfo {
  const bytes = sizeOf(directory)
  try {
    const store = RunStore.open(directory)
    const { experiment, created, trials } = store.manifest
    // Trainings on all rows have folders of their own, and aren't among the trials that statistics are made of.
    const planned = trials.length + (deployedOf(store.manifest) ?? 0)
    const ids = new Set([...trials.map(({ id }) => id), ...store.trialIds().filter((id) => !id.startsWith('.'))])
    const ends = [...ids].map((id) => store.trial(id).readResult()?.status)
    const done = ends.filter((end) => end === 'done').length
    const failed = ends.filter((end) => end === 'failed').length
    const whole = done + failed === planned && store.readReferences() !== null
    const running = RunLock.holderOf(directory) !== null
    const status = running ? 'running' : !whole ? 'stopped' : failed > 0 ? 'failed' : 'done'
    return { run: store.directory, experiment, created, status, done, failed, trials: planned, bytes }
  } catch (error) {
    if (!(error instanceof CadreError)) throw error
    return { run: directory, experiment: '', created: '', status: 'damaged', done: 0, failed: 0, trials: 0, bytes }
  }
}

/** Of a cross-validation: how many policies are trained on all rows besides. */
function deployedOf({ config }: Manifest): number | null {
  const folds = (config as { readonly folds?: { readonly deployed?: unknown } }).folds
  return typeof folds?.deployed === 'number' ? folds.deployed : null
}

/** Bytes of all files under a folder. What goes away meanwhile counts nothing. */
export function sizeOf(folder: string): number {
  let bytes = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0
  }
  return bytes
}
