import { join, resolve } from 'node:path'
import { writeFileAtomically } from '../store/atomic-write.js'
import { readRun } from '../store/run-data.js'
import { renderReport } from './render-report.js'

/**
 * Writes a run's `report.html`, in place of an earlier one.
 * @returns its path
 * @throws RecordError when the run can't be read back
 * @throws StorageError when the report can't be written
 */
export function writeReport(runDirectory: string): string {
  const file = join(resolve(runDirectory), 'report.html')
  writeFileAtomically(file, renderReport(readRun(runDirectory)))
  return file
}
