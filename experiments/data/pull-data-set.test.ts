import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StorageError } from '#env/errors.js'
import { asItIs } from './as-it-is.js'
import type { DataSet } from './data-set.js'
import { type FileSource, FolderSource, PublicSource } from './file-source.js'
import { type PullOptions, pullDataSet } from './pull-data-set.js'
import { type LoopbackServer, serveLoopback } from './testing/loopback-server.js'

const content = (text: string) => ({
  bytes: Buffer.byteLength(text),
  sha256: createHash('sha256').update(text).digest('hex'),
})
const published: { readonly [path: string]: string } = {
  'a/one.csv': 'id,text,correct:m\n1,é,1\n',
  ...Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`b/part-${i}.txt`, `part ${i}\n`])),
}
const parts = Object.keys(published).filter((path) => path.startsWith('b/'))
const whole = parts.map((path) => published[path]).join('')
const part = (path: string) => ({ path, ...content(published[path]!) })
const join20 = (contents: readonly Uint8Array[]) => Buffer.concat(contents)
const set: DataSet = {
  name: 'small',
  aliases: [],
  summary: 'for tests',
  source: { repository: 'owner/name', commit: 'c0ffee', licence: 'MIT' },
  folder: 'small',
  files: [
    { name: 'one.csv', ...content(published['a/one.csv']!), parts: [part('a/one.csv')] },
    { name: 'whole.txt', ...content(whole), parts: parts.map(part), join: join20 },
  ],
  models: ['m'],
  rows: 1,
  read: () => Promise.reject(new Error('not read here')),
}
const prefix = 'owner/name/c0ffee/'

let cache = ''
let server: LoopbackServer
let answer: (path: string, response: ServerResponse, time: number) => void
const give: typeof answer = (path, response) => response.end(published[path])

beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), 'cadre-pull-'))
  answer = give
  const times = new Map<string, number>()
  server = await serveLoopback((path, response) => {
    expect(path.startsWith(prefix)).toBe(true)
    const time = (times.get(path) ?? 0) + 1
    times.set(path, time)
    answer(path.slice(prefix.length), response, time)
  })
})
afterEach(async () => {
  await server.close()
  rmSync(cache, { recursive: true })
})

const pull = (options: Partial<PullOptions> = {}, retry = {}) =>
  pullDataSet(set, {
    cache,
    source: new PublicSource(server.url, { pauseMs: 1, attempts: 3, idleTimeoutMs: 5000, ...retry }),
    ...options,
  })
/** The message of the StorageError that a pull must end with. */
async function failure(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(StorageError)
  return (error as Error).message
}
const kept = () => (existsSync(join(cache, 'small')) ? readdirSync(join(cache, 'small')).sort() : [])

describe('pulling what is known by the id of Git alone', () => {
  const packed = gzipSync('[]')
  // Of an empty file, as `git hash-object` prints it; of ours, worked out as Git does.
  const gitBlob = createHash('sha1').update(`blob ${packed.length}\0`).update(packed).digest('hex')
  const blobs: DataSet = {
    ...set,
    files: [
      asItIs('a/chats.json.gz', { gitBlob }),
      asItIs('a/none', { gitBlob: 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391' }, 'sub/none'),
    ],
  }
  const pullBlobs = (source: FileSource) => pullDataSet(blobs, { cache, source })

  it('takes the bytes as they lie, packed or not, into folders where the names have some', async () => {
    answer = (path, response) => response.end(path.endsWith('none') ? '' : packed)
    const copy = await pullBlobs(new PublicSource(server.url))
    expect(copy.files).toEqual(['chats.json.gz', 'sub/none'].map((name) => join(cache, 'small', name)))
    expect(readFileSync(copy.files[0]!)).toEqual(packed)
    const again = await pullDataSet(blobs, { cache: join(cache, 'again'), source: new FolderSource(join(cache)) })
    expect(readFileSync(again.files[0]!)).toEqual(packed)
    expect(again.sha256).toBe(copy.sha256)
  })

  it('refuses other bytes, there and here', async () => {
    answer = (_, response) => response.end('other')
    expect(await failure(pullBlobs(new PublicSource(server.url)))).toContain(`expected Git's id ${gitBlob}, got `)
    mkdirSync(join(cache, 'small'))
    writeFileSync(join(cache, 'small', 'chats.json.gz'), 'other')
    writeFileSync(join(cache, 'small', 'none'), '')
    expect(await failure(pullBlobs(new FolderSource(join(cache, 'small'))))).toContain('chats.json.gz: not what is')
  })
})

describe('pulling from a web server', () => {
  it('writes what is published, says where, and then has nothing to do', async () => {
    const files: string[] = []
    const copy = await pull({ onFile: (path, bytes) => files.push(`${path} ${bytes}`) })
    expect(copy.files).toEqual(['one.csv', 'whole.txt'].map((name) => join(cache, 'small', name)))
    expect(readFileSync(copy.files[0]!, 'utf8')).toBe(published['a/one.csv'])
    expect(readFileSync(copy.files[1]!, 'utf8')).toBe(whole)
    expect(files).toEqual([`${copy.files[0]} 25`, `${copy.files[1]} ${whole.length}`])
    expect(kept()).toEqual(['one.csv', 'whole.txt'])
    expect(server.asked).toHaveLength(21)
    expect(await pull()).toEqual(copy)
    expect(server.asked).toHaveLength(21)
  })

  it('refuses other bytes of the same length, fewer and more, and keeps none of them', async () => {
    answer = (_, response) => response.end(published['a/one.csv']!.replace('1,é,1', '1,é,0'))
    expect(await failure(pull())).toMatch(
      /c0ffee\/a\/one\.csv: not what is published: expected sha256 [0-9a-f]{64}, got/,
    )
    answer = (_, response) => response.end('id,text')
    expect(await failure(pull())).toContain('expected 25 bytes, got 7')
    answer = (_, response) => response.end('x'.repeat(3_000_000))
    expect(await failure(pull())).toContain('expected 25 bytes, got more')
    expect(kept()).toEqual([])
    expect(server.asked).toHaveLength(3)
  })

  it('tries again when a body breaks off, and gives up after a while', async () => {
    answer = (path, response, time) => {
      if (path !== 'a/one.csv' || time > 2) return give(path, response, time)
      response.writeHead(200, { 'content-length': 25 })
      response.write('id,text')
      setTimeout(() => response.destroy(), 5)
    }
    await pull()
    expect(server.asked.filter((path) => path.endsWith('one.csv'))).toHaveLength(3)
    rmSync(join(cache, 'small'), { recursive: true })
    answer = (_, response) => response.destroy()
    expect(await failure(pull())).toMatch(/one\.csv: .+, 3 times; try again later, or use --from DIR$/)
    expect(kept()).toEqual([])
  })

  it('tries again after 429 and 503, not after 404', async () => {
    answer = (path, response, time) => {
      if (time > 2) return give(path, response, time)
      response.statusCode = time === 1 ? 429 : 503
      response.end('later')
    }
    await pull()
    rmSync(join(cache, 'small'), { recursive: true })
    const before = server.asked.length
    answer = (_, response) => {
      response.statusCode = 404
      response.end('none')
    }
    expect(await failure(pull())).toContain('one.csv: answered 404')
    expect(server.asked).toHaveLength(before + 1)
    answer = (_, response) => {
      response.statusCode = 500
      response.end()
    }
    expect(await failure(pull())).toContain('answered 500, 3 times')
    expect(kept()).toEqual([])
  })

  it('gives up on a server that says nothing, or stops saying anything', async () => {
    answer = () => undefined
    const quick = { idleTimeoutMs: 60, attempts: 2 }
    expect(await failure(pull({}, quick))).toContain('one.csv: no byte for 0.06 s, 2 times')
    answer = (_, response) => response.write('id')
    expect(await failure(pull({}, quick))).toContain('no byte for 0.06 s')
    expect(kept()).toEqual([])
  })

  it('says when nobody listens', async () => {
    const source = new PublicSource('http://127.0.0.1:1', { pauseMs: 1, attempts: 2 })
    expect(await failure(pull({ source }))).toMatch(/^http:\/\/127\.0\.0\.1:1\/owner\/name\/c0ffee\/a\/one\.csv: /)
  })

  it('goes on where a pull was cut short', async () => {
    answer = (path, response, time) => {
      if (path === 'b/part-3.txt') response.statusCode = 404
      if (path === 'b/part-3.txt' || path.startsWith('a/')) give(path, response, time)
    }
    expect(await failure(pull())).toContain('b/part-3.txt: answered 404')
    expect(kept()).toEqual(['one.csv'])
    // One failure stops the others, which hang here; no more than six are asked for at a time.
    expect(server.asked.length).toBeLessThanOrEqual(1 + 6)
    const before = server.asked.length
    answer = give
    await pull()
    expect(kept()).toEqual(['one.csv', 'whole.txt'])
    expect(server.asked.slice(before).some((path) => path.endsWith('one.csv'))).toBe(false)
  })

  it('stops when told to', async () => {
    const stop = new AbortController()
    answer = (path, response, time) => (path.startsWith('b/') ? stop.abort() : give(path, response, time))
    await expect(pull({ signal: stop.signal })).rejects.toThrow(/abort/)
    expect(kept()).toEqual(['one.csv'])
    expect(server.asked.length).toBeLessThanOrEqual(1 + 6)
  })

  it('replaces files that are altered or broken, packed ones too', async () => {
    mkdirSync(join(cache, 'small'))
    writeFileSync(join(cache, 'small/one.csv'), 'altered')
    writeFileSync(join(cache, 'small/whole.txt.gz'), 'not gzip')
    writeFileSync(join(cache, 'small/.one.csv.tmp'), 'left by a killed pull')
    await pull()
    expect(readFileSync(join(cache, 'small/one.csv'), 'utf8')).toBe(published['a/one.csv'])
    expect(kept()).toEqual(['one.csv', 'whole.txt', 'whole.txt.gz'])
  })

  it('leaves a packed file that is as published', async () => {
    mkdirSync(join(cache, 'small'))
    writeFileSync(join(cache, 'small/whole.txt.gz'), gzipSync(whole))
    await pull()
    expect(kept()).toEqual(['one.csv', 'whole.txt.gz'])
    expect(server.asked).toHaveLength(1)
  })

  it('says when the cache cannot be written', async () => {
    writeFileSync(join(cache, 'small'), 'a file in the way')
    expect(await failure(pull())).toContain('small')
  })
})

describe('pulling from a folder', () => {
  const put = (path: string, text: string | Uint8Array) => {
    mkdirSync(dirname(join(cache, 'from', path)), { recursive: true })
    writeFileSync(join(cache, 'from', path), text)
  }
  const fromFolder = () => pull({ source: new FolderSource(join(cache, 'from')) })

  it('takes files plain or packed, there or below, and then a checkout of the source', async () => {
    put('one.csv', published['a/one.csv']!)
    put('data/small/whole.txt.gz', gzipSync(whole))
    const copy = await fromFolder()
    expect(readFileSync(copy.files[1]!, 'utf8')).toBe(whole)
    rmSync(join(cache, 'small'), { recursive: true })
    rmSync(join(cache, 'from'), { recursive: true })
    for (const [path, text] of Object.entries(published)) put(path, text)
    expect(await fromFolder()).toEqual(copy)
    expect(server.asked).toEqual([])
  })

  it('says what is missing or altered', async () => {
    expect(await failure(fromFolder())).toMatch(
      /from: expected one\.csv \(\.gz allowed\).* a\/one\.csv of owner\/name$/,
    )
    put('one.csv', 'id,text,correct:m\n1,é,0\n')
    expect(await failure(fromFolder())).toMatch(/from.one\.csv: not what is published: expected sha256/)
    put('one.csv', published['a/one.csv']!)
    put('small/whole.txt', whole.slice(1))
    expect(await failure(fromFolder())).toContain(`expected ${whole.length} bytes, got ${whole.length - 1}`)
    expect(kept()).toEqual(['one.csv'])
  })
})
