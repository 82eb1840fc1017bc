import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { ConfigError } from '#env/errors.js'
import { questionExperiment, questionTable } from '../testing/question-table.js'
import { changed, missingValues, wrongValues } from '../testing/yaml-mutations.js'
import { loadExperiment } from './load-experiment.js'

const configs = fileURLToPath(new URL('../configs/', import.meta.url))
/** Those on data sets take seconds to encode at each change of a setting: a small table of the same shape stands for them. */
const onDataSets = ['routellm-gsm8k.yaml', 'routellm-mmlu.yaml', 'llmrouter-nine.yaml']
const shipped = readdirSync(configs).filter((name) => name.endsWith('.yaml') && !onDataSets.includes(name))
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

writeFileSync(join(folder, 'questions.csv'), questionTable(60))
const texts = [
  ...shipped.map((name): [string, string] => [name, readFileSync(join(configs, name), 'utf8')]),
  ['a cross-validation', questionExperiment('./questions.csv')] satisfies [string, string],
]

describe.each(texts)('%s', (_name, text) => {
  it('loads as it is', async () => {
    expect(await outcome(text)).toBe('loads')
  })

  it('is refused with a place, whatever has the wrong type or is no number', async () => {
    for (const { name, text: wrong } of wrongValues(text)) {
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
