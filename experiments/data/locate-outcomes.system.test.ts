import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { ConfigError, StorageError, UnknownNameError, UsageError } from '#env/errors.js'
import { dataFolders } from './data-folders.js'
import { dataSets } from './data-sets.js'
import { loadOutcomes, locateOutcomes } from './locate-outcomes.js'
import { publishedSets } from './published-sets.js'

const shared = process.env.CADRE_SHARED ?? fileURLToPath(new URL('../../../shared', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'cadre-locate-'))
afterAll(() => rmSync(folder, { recursive: true }))

function put(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  return path
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('expected a failure')
}

describe('data folders', () => {
  it('come from the variables, the cache from what the platform has', () => {
    expect(dataFolders({}, 'linux', '/home/a')).toEqual({
      shared: undefined,
      cache: join('/home/a', '.cache', 'cadre', 'data'),
      baseUrl: undefined,
    })
    const caches = [
      dataFolders({ CADRE_DATA: '/d', XDG_CACHE_HOME: '/x' }, 'linux', '/home/a'),
      dataFolders({ CADRE_DATA: '', XDG_CACHE_HOME: '/x' }, 'linux', '/home/a'),
      dataFolders({ XDG_CACHE_HOME: 'relative' }, 'darwin', '/home/a'),
      dataFolders({ LOCALAPPDATA: '/l', XDG_CACHE_HOME: '/x' }, 'win32', '/home/a'),
    ].map(({ cache }) => cache)
    const rest = join('cadre', 'data')
    expect(caches).toEqual(['/d', join('/x', rest), join('/home/a/.cache', rest), join('/l', rest)])
    expect(dataFolders({ CADRE_SHARED: '/s', CADRE_DATA_URL: 'http://m' }, 'linux', '/h')).toMatchObject({
      shared: join('/s', 'data'),
      baseUrl: 'http://m',
    })
  })
})

describe('a table by its path', () => {
  const text = 'id,text,correct:a,correct:b\n1,x,1,0\n2,y,0,.5\n'

  it('is relative to the folder given; the same content has the same sha256, packed or not', async () => {
    const plain = put('one/mine.csv', text)
    put('two/other.csv.gz', gzipSync(text))
    const one = await locateOutcomes('one/mine.csv', folder)
    const two = await locateOutcomes('other.csv.gz', join(folder, 'two'))
    expect(one).toMatchObject({ name: 'one/mine.csv', kind: 'file', files: [plain] })
    expect(two.sha256).toBe(one.sha256)
    expect(one.sha256).toMatch(/^[0-9a-f]{64}$/)
    put('one/mine.csv', `${text}3,z,1,1\n`)
    expect((await locateOutcomes('one/mine.csv', folder)).sha256).not.toBe(one.sha256)
    const table = await loadOutcomes(two)
    expect([table.models, table.size]).toEqual([['a', 'b'], 2])
  })

  it('keeps the models asked for, in the order given', async () => {
    put('m.csv', text)
    const location = await locateOutcomes('m.csv', folder)
    const table = await loadOutcomes(location, ['b', 'a'])
    expect([table.models, table.correct(1, 0)]).toEqual([['b', 'a'], 0.5])
    expect((await loadOutcomes(location, ['b'])).models).toEqual(['b'])
    await expect(loadOutcomes(location, ['c'])).rejects.toThrow(ConfigError)
    expect(await messageOf(loadOutcomes(location, ['c']))).toMatch(
      /m\.csv:1: correct:c: unknown model "c".*known: a, b/,
    )
  })

  it('says what is wrong before anything is read', async () => {
    await expect(locateOutcomes('./none.csv', folder)).rejects.toThrow(StorageError)
    expect(await messageOf(locateOutcomes('./none.csv', folder))).toContain('routellm-gsm8k')
    await expect(locateOutcomes('./table.txt', folder)).rejects.toThrow(UsageError)
    await expect(locateOutcomes('one/', folder)).rejects.toThrow(UsageError)
    put('bad.csv.gz', 'not gzip')
    await expect(locateOutcomes('bad.csv.gz', folder)).rejects.toThrow(/bad\.csv\.gz: can't be read/)
  })

  // CSV's and JSON lines' own faults are tested in env/outcomes; here, that they come out through a path.
  it.each([
    ['e.csv', '', /e\.csv:1: empty; expected a header/],
    ['f.csv', 'id,text,correct:a\n', /f\.csv: no rows/],
    ['g.csv', 'id,text,corect:a\n1,x,1\n', /g\.csv:1:9: corect:a: unknown column; did you mean "correct:MODEL"\?/],
    [
      'h.csv',
      'id,text,correct:a\n1,x,1.01\n1,y,1\n,z,1\n',
      /h\.csv:2:5: .*\n.*h\.csv:3:1: id: "1".*\n.*:4:1: id: miss/,
    ],
    ['i.jsonl', '', /i\.jsonl/],
    ['j.jsonl', '{"text":"a","models":{"m":{"correct":1}}}', /j\.jsonl:1: id/],
    ['k.jsonl', '{"id":"1","text":"a","models":{}}', /k\.jsonl/],
    ['l.jsonl', '{"id":"1","text":"a","models":{"m":{"corect":1}}}', /l\.jsonl:1: .*corect/],
    ['m.jsonl', '{"id":"1","text":"a","models":{"m":{"correct":true}}}', /m\.jsonl:1: models\.m\.correct/],
  ])('locates what is wrong in %s', async (name, content, message) => {
    put(name, content)
    const location = await locateOutcomes(name, folder)
    await expect(loadOutcomes(location)).rejects.toThrow(ConfigError)
    expect(await messageOf(loadOutcomes(location))).toMatch(message)
  })
})

describe('a data set by its name', () => {
  const env = { CADRE_SHARED: join(folder, 'shared'), CADRE_DATA: join(folder, 'cache') }

  it('is refused with the nearest name, or with what to do', async () => {
    await expect(locateOutcomes('routelm-gsm8k', folder, env)).rejects.toThrow(UnknownNameError)
    expect(await messageOf(locateOutcomes('routelm-gsm8k', folder, env))).toContain('did you mean "routellm-gsm8k"?')
    await expect(locateOutcomes('gsm8k', folder, env)).rejects.toThrow(StorageError)
    const message = await messageOf(locateOutcomes('gsm8k', folder, env))
    expect(message).toContain(join(folder, 'shared', 'data', 'routellm'))
    expect(message).toContain(join(folder, 'cache', 'routellm'))
    expect(message).toContain('cadre data pull routellm-gsm8k')
    expect(message).toContain('CADRE_SHARED')
  })

  it('is refused where its content is not the published one', async () => {
    put('cache/routellm/gsm8k_responses.csv', 'prompt\n')
    put('cache/routellm/gsm8k_contaminated_prompts.jsonl', '')
    const message = await messageOf(locateOutcomes('gsm8k', folder, env))
    expect(message).toMatch(
      /gsm8k_responses\.csv is not what is published: expected 1291062 bytes, got 7; run `cadre data pull/,
    )
  })

  it('has names and aliases of its own', () => {
    const names = publishedSets.flatMap((set) => [set.name, ...set.aliases])
    expect(new Set(names).size).toBe(names.length)
    expect(names.every((name) => /^[a-z][a-z0-9-]*$/.test(name))).toBe(true)
  })
})

describe.skipIf(!existsSync(join(shared, 'data')))('the published sets (skipped where CADRE_SHARED has none)', () => {
  it.each(dataSets.map((set) => [set.name, set] as const))('%s is as its registry says', async (name, set) => {
    const location = await locateOutcomes(set.aliases[0]!, folder, { CADRE_SHARED: shared })
    expect(location).toMatchObject({ name, kind: 'set' })
    expect(location.files).toHaveLength(set.files.length)
    const table = await loadOutcomes(location)
    expect([table.size, table.models]).toEqual([set.rows, set.models])
    for (let row = 0; row < table.size; row++) {
      for (let model = 0; model < table.models.length; model++) {
        if (!(table.costUsd(row, model)! > 0)) throw new Error(`row ${row}, model ${model}: no cost`)
      }
    }
    const last = set.models.at(-1)!
    const one = await loadOutcomes(location, [last])
    expect([one.models, one.correct(5, 0)]).toEqual([[last], table.correct(5, set.models.length - 1)])
    expect(await messageOf(loadOutcomes(location, ['gpt-5']))).toContain(set.models[0]!)
  })

  it('gives the same sha256 from the cache, unpacked', async () => {
    const packed = await locateOutcomes('gsm8k', folder, { CADRE_SHARED: shared, CADRE_DATA: join(folder, 'none') })
    for (const file of packed.files) {
      const content = readFileSync(file)
      const name = basename(file, '.gz')
      put(`plain/routellm/${name}`, file.endsWith('.gz') ? gunzipSync(content) : content)
    }
    const plain = await locateOutcomes('gsm8k', folder, { CADRE_DATA: join(folder, 'plain') })
    expect(plain.files[0]).toBe(join(folder, 'plain', 'routellm', 'gsm8k_responses.csv'))
    expect(plain.sha256).toBe(packed.sha256)
  })

  it('estimates costs from lengths and prices', async () => {
    const env = { CADRE_SHARED: shared }
    const gsm8k = await loadOutcomes(await locateOutcomes('gsm8k', folder, env))
    // Row 0's prompt has 121 characters, its answers 228 and 301: (121 + 228) / 4 tokens at 0.24 USD a million, ...
    expect(gsm8k.text(0)).toHaveLength(121)
    expect(gsm8k.costUsd(0, 0)).toBeCloseTo(((121 + 228) / 4) * 0.24e-6, 12)
    expect(gsm8k.costUsd(0, 1)).toBeCloseTo(((121 + 301) / 4) * 24.7e-6, 12)
    const mmlu = await loadOutcomes(await locateOutcomes('mmlu', folder, env))
    expect(mmlu.costUsd(0, 1)).toBeCloseTo((mmlu.text(0).length / 4 + 1) * 24.7e-6, 12)
    const nine = await loadOutcomes(await locateOutcomes('nine-models', folder, env))
    const gemma = nine.modelIndex('gemma-2-9b-it')
    expect(nine.costUsd(7, gemma)).toBeCloseTo((nine.text(7).length / 4 + 256) * 0.1e-6, 12)
  })
})
