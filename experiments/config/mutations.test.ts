import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { isCollection, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml'
import { ConfigError } from '#env/errors.js'
import { loadExperiment } from './load-experiment.js'

const configs = fileURLToPath(new URL('../configs/', import.meta.url))
const shippedConfigs = readdirSync(configs).filter((name) => name.endsWith('.yaml'))
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

/** Paths of all values in a YAML text, and what they are. */
function valuesOf(text: string): { path: (string | number)[]; value: unknown }[] {
  const found: { path: (string | number)[]; value: unknown }[] = []
  const visit = (node: Node | null, path: (string | number)[]) => {
    if (path.length > 0) found.push({ path, value: isScalar(node) ? node.value : node })
    if (isMap(node)) for (const { key, value } of node.items) visit(value as Node, [...path, String(key)])
    if (isSeq(node)) for (const [i, item] of node.items.entries()) visit(item as Node, [...path, i])
  }
  visit(parseDocument(text).contents, [])
  return found
}

function changed(text: string, path: (string | number)[], value: unknown): string {
  const document = parseDocument(text)
  if (value === undefined) document.deleteIn(path)
  else document.setIn(path, value)
  return document.toString()
}

describe.each(shippedConfigs)('%s', (name) => {
  const text = readFileSync(join(configs, name), 'utf8')
  const values = valuesOf(text)

  it('loads as it is', async () => {
    expect(await outcome(text)).toBe('loads')
  })

  it('is refused with a place, or loads, whatever is deleted', async () => {
    for (const { path } of values) await outcome(changed(text, path, undefined))
    for (const key of ['name', 'discount', 'steps', 'environments', 'algorithms']) {
      expect(await outcome(changed(text, [key], undefined))).toBe('refused')
    }
  })

  it('is refused with a place, whatever has the wrong type', async () => {
    for (const { path, value } of values) {
      const wrong = isCollection(value) || typeof value === 'string' ? 7 : 'seven'
      expect([path.join('.'), await outcome(changed(text, path, wrong))]).toEqual([path.join('.'), 'refused'])
      const list = await outcome(changed(text, path, [[]]))
      expect([path.join('.'), list]).toEqual([path.join('.'), 'refused'])
    }
  })

  it('is refused with a place, wherever a number is none', async () => {
    for (const { path, value } of values.filter(({ value }) => typeof value === 'number')) {
      for (const none of [Number.NaN, Number.POSITIVE_INFINITY]) {
        expect([path.join('.'), value, await outcome(changed(text, path, none))]).toEqual([
          path.join('.'),
          value,
          'refused',
        ])
      }
    }
  })

  it('is refused with a place, or loads, wherever the file is cut off', async () => {
    for (let end = 0; end < text.length; end += Math.ceil(text.length / 60)) await outcome(text.slice(0, end))
  })
})
