import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { ConfigError } from '#env/errors.js'
import { loadBenchSuite } from './bench-suite.js'
import { stubRegistry } from './testing/stub-registry.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-suite-'))
afterAll(() => rmSync(folder, { recursive: true }))
mkdirSync(join(folder, 'learned'))
writeFileSync(join(folder, 'learned', 'policy.json'), '{}')
writeFileSync(join(folder, 'mine.mjs'), 'export default { create() {} }\n')

const good = `name: suite
discount: 0.97
episodes: 50
environments:
  one: { use: coin, prize: 2 }
  two: { use: coin }
policies:
  threshold: { at: 0.25 }
  heads: { use: always-heads, on: [two] }
  trained: { use: ./learned, on: [one] }
  own: { use: ./mine.mjs, on: [one], bold: true }
`

function load(text: string, set: string[] = []) {
  const file = join(folder, 'suite.yaml')
  writeFileSync(file, text)
  return loadBenchSuite(file, { set, registry: stubRegistry })
}

describe('loadBenchSuite', () => {
  it('pairs policies with environments', async () => {
    const suite = await load(good)
    expect(suite).toMatchObject({ name: 'suite', discount: 0.97, episodes: 50, seed: 0, rows: 16 })
    expect(suite.environments.one).toMatchObject({ name: 'coin-toss', version: '3', config: { prize: 2 } })
    expect(suite.policies.map(({ environment, label, kind, config }) => [environment, label, kind, config])).toEqual([
      ['one', 'threshold', 'entry', { at: 0.25 }],
      ['one', 'trained', 'bundle', {}],
      ['one', 'own', 'entry', { bold: true }],
      ['two', 'threshold', 'entry', { at: 0.25 }],
      ['two', 'heads', 'entry', {}],
    ])
    expect(suite.policies[1]!.use).toBe(join(folder, 'learned'))
    expect(JSON.parse(JSON.stringify(suite))).toEqual(suite)
  })

  it.each([
    ['at: 0.25', 'at: -1', 'suite.yaml:8:20: policies.threshold.at: expected a number >= 0, got -1'],
    [
      '  threshold:',
      '  treshold:',
      'suite.yaml:8:3: policies.treshold: unknown policy "treshold"; did you mean "threshold"? (known: always-heads, threshold)',
    ],
    [
      'on: [two]',
      'on: [too]',
      'suite.yaml:9:36: policies.heads.on.0: no environment is labelled "too"; did you mean "two"?',
    ],
    [
      'on: [one] }',
      'on: [one], at: 3 }',
      'suite.yaml:10:41: policies.trained.at: unknown key; a policy bundle brings its own settings',
    ],
    ['episodes: 50', 'episode: 50', 'suite.yaml:3:1: episode: unknown key; did you mean "episodes"?'],
    [
      './mine.mjs',
      './none.mjs',
      `suite.yaml:11:15: policies.own.use: ${join(folder, 'none.mjs')}: no such file; paths are relative to the file that names them`,
    ],
  ])('locates a wrong "%s"', async (from, to, message) => {
    const failure = await load(good.replace(from, to)).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ConfigError)
    expect((failure as ConfigError).message.replace(`${folder}/suite`, 'suite')).toBe(message)
  })

  it('takes --set', async () => {
    expect((await load(good, ['episodes=7', 'policies.threshold.at=1'])).policies[0]!.config).toEqual({ at: 1 })
    await expect(load(good, ['policies.thresold.at=1'])).rejects.toThrow(
      /unknown policy "thresold"; did you mean "threshold"/,
    )
  })
})
