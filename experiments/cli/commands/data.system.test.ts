import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CsvReader } from '#env/outcomes/csv-reader.js'
import { csvLine } from '#env/outcomes/write-outcomes.js'
import { neededFile, presentFile } from '../../data/data-file.js'
import type { PublishedSet } from '../../data/data-set.js'
import { findCopy, locateOutcomes } from '../../data/locate-outcomes.js'
import { findPublishedSet, publishedSets } from '../../data/published-sets.js'
import { readWhole } from '../../data/read-text.js'
import type { SetCopy } from '../../data/set-copy.js'
import { type LoopbackServer, serveLoopback } from '../../data/testing/loopback-server.js'
import type { FailureDocument } from '../failure.js'
import { main } from '../main.js'
import { FakeIo } from '../testing/fake-io.js'
import type { DataSetInfo, PullInfo } from './data.js'

const shared = process.env.CADRE_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url))
const copyOf = async (set: PublishedSet) => (await findCopy(set, { CADRE_SHARED: shared })) as SetCopy
const folder = mkdtempSync(join(tmpdir(), 'cadre-data-command-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function cadre(env: FakeIo['env'], ...argv: string[]): Promise<{ code: number; io: FakeIo }> {
  const io = Object.assign(new FakeIo(), { env })
  return { code: await main(argv, io), io }
}

describe('cadre data', () => {
  const nowhere = { CADRE_DATA: join(folder, 'none'), CADRE_DATA_URL: 'http://127.0.0.1:1' }

  it('lists the sets, none of which is here', async () => {
    const { code, io } = await cadre(nowhere, 'data', 'list', '--json')
    const { sets } = io.json<{ sets: DataSetInfo[] }>()
    expect(code).toBe(0)
    expect(sets.map((set) => [set.name, set.kind, set.rows, set.models.length, set.folder])).toEqual([
      ['routellm-gsm8k', 'outcomes', 1307, 2, null],
      ['routellm-mmlu', 'outcomes', 14037, 2, null],
      ['llmrouter-nine', 'outcomes', 6108, 9, null],
      ['snips', 'text', 14484, 0, null],
      ['banking77', 'text', 13083, 0, null],
      ['xquad-en', 'text', 1190, 0, null],
      ['abcd', 'text', 55, 0, null],
      ['abcd-chats', 'text', 10042, 0, null],
    ])
    const lines = (await cadre(nowhere, 'data', 'list')).io.out.split('\n')
    expect(lines[1]).toMatch(/^routellm-gsm8k +1307 +2 {2}Apache-2\.0; .* {2}not here$/)
  })

  it('ends with 2 at wrong usage', async () => {
    for (const argv of [['data'], ['data', 'pull'], ['data', 'push'], ['data', 'pull', 'gsm9k', '--json']]) {
      expect((await cadre(nowhere, ...argv)).code).toBe(2)
    }
    const { io } = await cadre(nowhere, 'data', 'pull', 'gsm9k', '--json')
    expect(io.json<FailureDocument>().error).toMatchObject({ code: 'ERR_UNKNOWN_NAME' })
    const absent = await cadre(nowhere, 'data', 'pull', 'gsm8k', '--from', join(folder, 'absent'))
    expect([absent.code, absent.io.out]).toEqual([2, ''])
  })
})

describe('cadre data pull, interrupted', () => {
  it('ends with 130 and keeps nothing that is not whole', async () => {
    const io: FakeIo & { env: FakeIo['env'] } = new FakeIo()
    const server = await serveLoopback(() => io.interrupt())
    io.env = { CADRE_DATA: join(folder, 'interrupted'), CADRE_DATA_URL: server.url }
    expect(await main(['data', 'pull', 'gsm8k'], io)).toBe(130)
    await server.close()
    expect([io.out, io.err.includes('interrupted')]).toEqual(['', true])
    expect(existsSync(join(folder, 'interrupted'))).toBe(false)
  })
})

describe.skipIf(!existsSync(join(shared, 'data')))('cadre data pull (skipped where CADRE_SHARED has no data)', () => {
  const isHere = (folder: string, file: string) => presentFile(join(shared, 'data', folder), file) !== undefined
  const here = publishedSets.filter((set) => set.files.every(({ name }) => isHere(set.folder, name)))
  const published = new Map<string, string>()
  let server: LoopbackServer
  const cache = join(folder, 'cache')
  const env = () => ({ CADRE_DATA: cache, CADRE_DATA_URL: server.url })

  /** The files of the public repositories, made from the shared ones. */
  beforeAll(async () => {
    for (const { source, files, ...set } of here) {
      for (const file of files) {
        const text = await readWhole(neededFile(join(shared, 'data', set.folder), file.name))
        const texts = file.join === undefined ? [text] : bySubject(text)
        file.parts.forEach((part, i) => {
          published.set(`${source.repository}/${source.commit}/${part.path}`, texts[i]!)
        })
      }
    }
    server = await serveLoopback((path, response) => {
      response.statusCode = published.has(path) ? 200 : 404
      response.end(published.get(path))
    })
  })
  afterAll(() => server.close())

  /** MMLU's table as a file a subject: without the first column, lines ending in LF. */
  function bySubject(table: string): string[] {
    const files = new Map<string, string[]>()
    let header: string | undefined
    const reader = new CsvReader({
      record({ fields: [subject, ...fields] }) {
        const line = csvLine(fields).replace(/\r\n$/, '\n')
        if (header === undefined) header = line
        else if (files.get(subject!)?.push(line) === undefined) files.set(subject!, [header, line])
      },
      problem: (message) => {
        throw new Error(message)
      },
    })
    reader.push(table)
    reader.end()
    return [...files.values()].map((lines) => lines.join(''))
  }

  it.each(here.map(({ name }) => name))('%s comes out as the shared copy is', async (name) => {
    const { code, io } = await cadre(env(), 'data', 'pull', name, '--json')
    expect([code, io.err.includes('licence')]).toEqual([0, true])
    const info = io.json<PullInfo>()
    const set = findPublishedSet(name)
    expect(info).toMatchObject({ name, pulled: true, sha256: (await copyOf(set)).sha256 })
    expect(await findCopy(set, env())).toMatchObject({ files: info.files })
    if ('models' in set) expect((await locateOutcomes(name, folder, env())).files).toEqual(info.files)
    const asked = server.asked.length
    const again = await cadre(env(), 'data', 'pull', name)
    expect([again.code, again.io.out]).toEqual([0, `${name}: already in ${info.folder}, checksums agree\n`])
    expect(server.asked).toHaveLength(asked)
    const listed = (await cadre(env(), 'data', 'list', '--json')).io.json<{ sets: DataSetInfo[] }>()
    expect(listed.sets.find((set) => set.name === name)?.folder).toBe(info.folder)
  })

  it('needs no network where CADRE_SHARED has the set; --from copies it', async () => {
    const offline = { CADRE_SHARED: shared, CADRE_DATA: join(folder, 'copy'), CADRE_DATA_URL: 'http://127.0.0.1:1' }
    expect((await cadre(offline, 'data', 'pull', 'gsm8k', '--json')).io.json<PullInfo>().pulled).toBe(false)
    const copied = (await cadre(offline, 'data', 'pull', 'gsm8k', '--from', shared, '--json')).io.json<PullInfo>()
    expect(copied).toMatchObject({ pulled: true, folder: join(folder, 'copy', 'routellm') })
  })

  it('ends with 1 where the source has something else', async () => {
    const [path] = [...published.keys()].filter((one) => one.endsWith('gsm8k_responses.csv'))
    const text = published.get(path!)!
    published.set(path!, text.replace('True', 'False'))
    const altered = { ...env(), CADRE_DATA: join(folder, 'altered') }
    const { code, io } = await cadre(altered, 'data', 'pull', 'gsm8k', '--json')
    published.set(path!, text)
    expect(code).toBe(1)
    expect(io.json<FailureDocument>().error).toMatchObject({ code: 'ERR_STORAGE' })
    expect(io.err).toContain('not what is published')
    expect(existsSync(join(folder, 'altered', 'routellm'))).toBe(false)
  })
})
