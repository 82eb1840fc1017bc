import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { loadExperiment } from '../config/load-experiment.js'
import { loadTeam } from '../serve/load-team.js'
import { loadTrace } from '../verify/load-trace.js'
import { readOutcomes } from './read-outcomes.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-encodings-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const bigEndian = (text: string) => Buffer.from(text, 'utf16le').swap16()
const encodings: { readonly [name: string]: (text: string) => Buffer } = {
  'UTF-16, little-endian, with a mark': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  'UTF-16, big-endian, with a mark': (text) => bigEndian(`\ufeff${text}`),
  'UTF-16 without a mark': (text) => Buffer.from(text, 'utf16le'),
  'UTF-16, big-endian, without a mark': bigEndian,
}
const table = 'id,text,correct:m\n1,What is this?,1\n'
const yaml = 'name: first\ndiscount: 0.9\nsteps: 100\n'

async function messageOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work()
  } catch (error) {
    return (error as Error).message
  }
  return 'no error'
}

/** What reads each kind of file that a user hands in. */
const readers: { readonly [name: string]: readonly [text: string, read: (path: string) => Promise<unknown>] } = {
  'table.csv': [table, readOutcomes],
  'table.jsonl': ['{"id":"1","text":"What?","models":{"m":{"correct":1}}}\n', readOutcomes],
  'experiment.yaml': [yaml, (path) => loadExperiment(path)],
  'team.yaml': ['name: desk\nagents: []\n', (path) => loadTeam(path, { env: {} })],
  'lake.trace.json': ['{ "format": "cadre-trace/1", "env": "taxi" }', (path) => loadTrace(path)],
}

describe('a file in another encoding is named as such', () => {
  it.each(Object.keys(readers).flatMap((name) => Object.keys(encodings).map((encoding) => [name, encoding] as const)))(
    '%s: %s',
    async (name, encoding) => {
      const [text, read] = readers[name]!
      const path = join(folder, name)
      writeFileSync(path, encodings[encoding]!(text))
      expect(await messageOf(() => read(path))).toMatch(/: this file is UTF-16; save it as UTF-8$/)
    },
  )

  it('packed, too', async () => {
    const path = join(folder, 'packed.csv.gz')
    writeFileSync(path, gzipSync(encodings['UTF-16 without a mark']!(table)))
    expect(await messageOf(() => readOutcomes(path))).toMatch(/UTF-16; save it as UTF-8$/)
  })

  it.each(Object.keys(readers))('%s: Latin-1', async (name) => {
    const [text, read] = readers[name]!
    const path = join(folder, name)
    writeFileSync(
      path,
      Buffer.from(
        text
          .replace('is', 'caf\u00e9')
          .replace('desk', 'caf\u00e9')
          .replace('taxi', 'caf\u00e9')
          .replace('first', 'caf\u00e9')
          .replace('What?', 'caf\u00e9'),
        'latin1',
      ),
    )
    expect(await messageOf(() => read(path))).toMatch(/not UTF-8 text; save it as UTF-8$/)
  })

  it.each(Object.keys(readers))('%s: UTF-8 with a mark reads as without', async (name) => {
    const [text, read] = readers[name]!
    const path = join(folder, name)
    writeFileSync(path, text)
    const plain = await messageOf(() => read(path))
    writeFileSync(path, `\ufeff${text}`)
    expect(await messageOf(() => read(path))).toBe(plain)
  })
})
