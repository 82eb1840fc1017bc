import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeManifest } from '../testing/fake-run.js'
import { temporaryDirectory } from '../testing/temporary-directory.js'
import { writeDirectoryAtomically, writeFileAtomically } from './atomic-write.js'
import { LogWriter } from './log-writer.js'
import { makeDirectories } from './make-directories.js'
import { RunStore } from './run-store.js'
import { storageFailure } from './storage-failure.js'
import { metricSchema } from './trial-records.js'
import { TrialStore } from './trial-store.js'

const path = temporaryDirectory()
const asRoot = process.getuid?.() === 0
const canMount = asRoot && mountsTmpfs()

describe('storageFailure', () => {
  it.each([
    { code: 'EACCES', says: 'permission denied' },
    { code: 'ENOSPC', says: 'no space left' },
    { code: 'EROFS', says: 'the file system is read-only' },
  ])('explains $code, names the path and keeps the cause', ({ code, says }) => {
    const cause = Object.assign(new Error('raw'), { code })
    const error = storageFailure('cannot write', '/runs/a', cause)
    expect(error).toMatchObject({ code: 'ERR_STORAGE', exitCode: 1, cause })
    expect(error.message).toMatch(new RegExp(`^/runs/a: cannot write: ${says}.*\\(${code}\\)$`))
  })

  it('passes on what it has no words for', () => {
    expect(storageFailure('cannot write', '/a', new Error('odd')).message).toBe('/a: cannot write: odd')
  })
})

describe('an unwritable place', () => {
  it('is named when a part of the path is a file, and nothing is made', () => {
    writeFileSync(path('a-file'), '')
    expect(() => RunStore.create(path('a-file', 'run'), fakeManifest())).toThrowError(
      expect.objectContaining({ code: 'ERR_STORAGE', message: expect.stringContaining('a file is in the way') }),
    )
  })

  it.skipIf(asRoot)('is named when permission is denied (skipped as root, who may write anywhere)', () => {
    mkdirSync(path('locked'))
    chmodSync(path('locked'), 0o500)
    expect(() => RunStore.create(path('locked', 'run'), fakeManifest())).toThrowError(
      expect.objectContaining({ code: 'ERR_STORAGE', message: expect.stringContaining('EACCES') }),
    )
  })

  it('leaves the old file and nothing beside it when a write fails', () => {
    mkdirSync(path('old'))
    mkdirSync(path('old', 'target'))
    writeFileSync(path('old', 'target', 'inside'), 'kept')
    expect(() => writeFileAtomically(path('old', 'target'), 'new')).toThrowError(
      expect.objectContaining({ code: 'ERR_STORAGE' }),
    )
    expect(readdirSync(path('old'))).toEqual(['target'])
  })
})

describe.skipIf(!canMount)('a full disk (skipped where a tmpfs may not be mounted)', () => {
  const disk = () => path('disk')
  const full = expect.objectContaining({ code: 'ERR_STORAGE', message: expect.stringContaining('no space left') })

  beforeAll(() => {
    mkdirSync(disk())
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk()])
  })
  afterAll(() => {
    execFileSync('umount', [disk()])
  })

  it('stops a run from being made, leaving nothing', () => {
    const manifest = { ...fakeManifest(), config: 'x'.repeat(100_000) }
    expect(() => RunStore.create(path('disk', 'runs', 'run'), manifest)).toThrowError(full)
    expect(readdirSync(disk())).toEqual([])
  })

  it('keeps the old file, the old bundle and the log as they were', () => {
    writeFileAtomically(path('disk', 'file'), 'old')
    writeDirectoryAtomically(path('disk', 'policy'), { 'policy.json': 'old' })
    const log = new LogWriter(path('disk', 'log.jsonl'), metricSchema)
    log.append({ step: 0, name: 'loss', value: 1 })
    const before = readFileSync(log.path)

    expect(() => writeFileAtomically(path('disk', 'file'), new Uint8Array(100_000))).toThrowError(full)
    expect(() =>
      writeDirectoryAtomically(path('disk', 'policy'), { 'policy.json': 'new', weights: new Uint8Array(100_000) }),
    ).toThrowError(full)
    expect(() => log.append({ step: 1, name: 'x'.repeat(100_000), value: 1 })).toThrowError(full)

    expect(readFileSync(path('disk', 'file'), 'utf8')).toBe('old')
    expect(readFileSync(path('disk', 'policy', 'policy.json'), 'utf8')).toBe('old')
    expect(readFileSync(log.path)).toEqual(before)
    log.append({ step: 1, name: 'loss', value: 2 })
    log.close()
    expect(readdirSync(disk()).sort()).toEqual(['file', 'log.jsonl', 'policy'])
  })

  it('is told apart from a read-only one', () => {
    execFileSync('mount', ['-o', 'remount,ro', disk()])
    expect(() => RunStore.create(path('disk', 'run'), fakeManifest())).toThrowError(
      expect.objectContaining({ code: 'ERR_STORAGE', message: expect.stringContaining('read-only') }),
    )
    expect(existsSync(path('disk', 'run'))).toBe(false)
  })
})

/** Whether this process may mount: root in a container often may not. */
function mountsTmpfs(): boolean {
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' })
    return process.platform === 'linux'
  } catch {
    return false
  }
}

describe('a directory that is replaced', () => {
  it('is the old one again where its writer ended between taking it away and putting the new one there', () => {
    const policy = path('recovered', 'trials', 'a'.repeat(16), 'policy')
    mkdirSync(dirname(policy), { recursive: true })
    writeDirectoryAtomically(policy, { 'policy.json': 'old' })
    // As a process leaves it that is killed between the two renames.
    renameSync(policy, join(dirname(policy), '.policy.old'))
    mkdirSync(join(dirname(policy), '.policy.tmp'))
    new TrialStore(path('recovered'), 'a'.repeat(16)).prepare()
    expect(readFileSync(join(policy, 'policy.json'), 'utf8')).toBe('old')
    expect(readdirSync(dirname(policy))).toEqual(['policy'])
    writeDirectoryAtomically(policy, { 'policy.json': 'new' })
    expect(readFileSync(join(policy, 'policy.json'), 'utf8')).toBe('new')
    expect(readdirSync(dirname(policy))).toEqual(['policy'])
  })
})

describe('a folder that cannot be made', () => {
  it.skipIf(process.platform !== 'linux')(
    'is told at once, with exit code 2: /proc says that its own parent is missing',
    () => {
      const make = () => RunStore.create('/proc/cadre/runs/one', fakeManifest())
      expect(make).toThrowError(expect.objectContaining({ code: 'ERR_STORAGE', exitCode: 2 }))
      expect(make).toThrowError(/^\/proc\/cadre\/runs: cannot create: /)
    },
  )

  it('has every folder above it made, and those that were there left alone', () => {
    expect(makeDirectories(path('made', 'a', 'b'))).toBe(path('made'))
    expect(makeDirectories(path('made', 'a', 'c'))).toBe(path('made', 'a', 'c'))
    expect(makeDirectories(path('made', 'a', 'c'))).toBeUndefined()
    expect(readdirSync(path('made', 'a')).sort()).toEqual(['b', 'c'])
  })
})
