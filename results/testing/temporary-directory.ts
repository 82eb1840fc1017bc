import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'

/** A directory for the tests of one file, removed after them. The function gives its path once they run. */
export function temporaryDirectory(): (...names: string[]) => string {
  let directory = ''
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'cadre-results-'))
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))
  return (...names) => join(directory, ...names)
}
