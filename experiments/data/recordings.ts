import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { StorageError } from '#env/errors.js'
import type { RecordingSource } from '#env/recording-contract.js'
import type { RecordingPlan } from '../plan/trial-plan.js'
import { contentOf } from './data-file.js'
import { readWhole } from './read-text.js'

/**
 * Finds the recording that an environment plays back, plain or packed (`.gz`).
 * @param baseDir - absolute folder that its path is relative to
 * @throws StorageError when it isn't here or can't be read
 */
export async function locateRecording({ key, path }: RecordingSource, baseDir: string): Promise<RecordingPlan> {
  const file = resolve(baseDir, path)
  const found = statSync(file, { throwIfNoEntry: false })
  if (found?.isFile() !== true) {
    const what = found === undefined ? 'no such file' : found.isDirectory() ? 'this is a folder' : 'not a plain file'
    throw new StorageError(`${file}: ${what}; expected a recording, its path relative to ${baseDir}`, { exitCode: 2 })
  }
  return { key, name: path, file, sha256: (await contentOf(file)).sha256 }
}

/**
 * The text of a located recording.
 * @throws StorageError when it can't be read, or isn't what it was when the run was planned
 */
export async function readRecording({ file, sha256 }: RecordingPlan): Promise<string> {
  if ((await contentOf(file)).sha256 !== sha256) {
    throw new StorageError(`${file}: the recording changed after the run was planned; start the command again`)
  }
  return readWhole(file)
}
