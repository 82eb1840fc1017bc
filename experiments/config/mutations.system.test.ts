import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { ConfigError } from '#env/errors.js'
import { experimentsToMutate } from '../testing/experiments-to-mutate.js'
import { changed, missingValues, wrongValues } from '../testing/yaml-mutations.js'
import { loadExperiment } from './load-experiment.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-mutations-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Loads a changed text; the failure, where there is one, must be a ConfigError with every problem located. */
async function outcome(text: string): Promise<'loads' | 'refused'> {
  const file = join(folder, 'mutated.yaml')
  writeFileSync(file, text)
  try {
    await loadExperiment(file)
    return 'loads'
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    const { problems, exitCode } = error as ConfigError
    expect(exitCode).toBe(2)
    expect(problems.length).toBeGreaterThan(0)
    for (const problem of problems) {
      expect(problem).toMatchObject({ file, line: expect.any(Number), column: expect.any(Number) })
      expect(problem.message).not.toMatch(/undefined|\[object|Invalid input/)
    }
    return 'refused'
  }
}

/** Changes that are no mistake: where a schedule may stand, so may any rate above 0 (of features that are small, a large one). */
const meant = ['algorithms.linear-q.stepSize.rate = 7']

describe.each(experimentsToMutate(folder))('%s', (_name, text) => {
  it('loads as it is', async () => {
    expect(await outcome(text)).toBe('loads')
  })

  it('is refused with a place, whatever has the wrong type or is no number', async () => {
    for (const { name, text: wrong } of wrongValues(text)) {
      if (meant.includes(name)) continue
      expect([name, await outcome(wrong)]).toEqual([name, 'refused'])
    }
  })

  it('is refused with a place, or loads, whatever is deleted and wherever the file is cut off', async () => {
    for (const { text: less } of missingValues(text, 60)) await outcome(less)
    const budget = text.includes('\nsteps:') ? 'steps' : 'passes'
    for (const key of ['name', 'discount', budget, 'environments', 'algorithms']) {
      expect(await outcome(changed(text, [key], undefined))).toBe('refused')
    }
  })
})
