import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { LogFile } from './log-file.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-log-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = (name: string) => join(folder, name)
const first = '{"format":"cadre-decision/1","id":"1"}\n'

describe('LogFile', () => {
  it('only grows, and only its owner reads it', () => {
    for (const line of [first, '{"b":"ü"}\n']) {
      const log = new LogFile(path('grows'))
      log.append(line)
      log.close()
    }
    expect(readFileSync(path('grows'), 'utf8')).toBe(`${first}{"b":"ü"}\n`)
    expect(statSync(path('grows')).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['', 0],
    [first, 0],
    [`${first}{"b":`, 5],
    ['{"for', 5],
    [first.slice(0, -2), first.length - 2],
    [`${first}${'x'.repeat(200_000)}`, 200_000],
  ])('%#: cuts off a line that a crash has torn', (content, torn) => {
    writeFileSync(path('torn'), content)
    const log = new LogFile(path('torn'))
    expect(log.repairedBytes).toBe(torn)
    log.append('{"c":3}\n')
    log.close()
    expect(readFileSync(path('torn'), 'utf8')).toBe(`${content.slice(0, content.length - torn)}{"c":3}\n`)
  })

  it('goes on in a log of the first format', () => {
    const lines = ['{"format":"cadre-log/2","kind":"gap"}\n', first]
    for (const [k, line] of lines.entries()) {
      writeFileSync(path('mixed'), lines[1 - k]!)
      const log = new LogFile(path('mixed'))
      log.append(line)
      log.close()
      expect(readFileSync(path('mixed'), 'utf8')).toBe(lines[1 - k]! + line)
    }
  })

  it.each([
    '{"name":"of something else"}',
    '{"format":"cadre-run/1"}\n',
    '{"format":"other/1"}\n',
    'PK\u0003\u0004',
    '\n',
    '{"a":1}\n{"b"',
  ])('%#: leaves a file of something else as it is', (content) => {
    writeFileSync(path('other'), content)
    expect(() => new LogFile(path('other'))).toThrowError(
      expect.objectContaining({ code: 'ERR_STORAGE', message: expect.stringMatching(/expected a decision log/) }),
    )
    expect(readFileSync(path('other'), 'utf8')).toBe(content)
  })

  it('has a line with the system before append returns', () => {
    const log = new LogFile(path('at-once'))
    log.append('{"a":1}\n')
    expect(readFileSync(path('at-once'), 'utf8')).toBe('{"a":1}\n')
    appendFileSync(path('at-once'), '')
    log.close()
    log.close()
    expect(() => log.append('{}\n')).toThrowError(expect.objectContaining({ code: 'ERR_STORAGE' }))
  })

  it('says where it cannot be opened', () => {
    expect(() => new LogFile(path('none/log'))).toThrowError(
      expect.objectContaining({
        code: 'ERR_STORAGE',
        message: expect.stringMatching(/none\/log: cannot open: .*ENOENT/),
      }),
    )
  })
})

describe('rotation', () => {
  const line = (k: number) => `{"format":"cadre-decision/1","id":"${k}"}\n`
  /** A log with one line, and how often it was told that it goes on elsewhere. */
  const begun = (name: string) => {
    let rotated = 0
    const log = new LogFile(path(name), {
      onRotated: () => {
        rotated++
      },
    })
    log.append(line(0))
    return { log, file: path(name), rotations: () => rotated }
  }
  const read = (file: string) => readFileSync(file, 'utf8')

  it('goes on in the file that was made in its place', () => {
    const { log, file, rotations } = begun('created')
    renameSync(file, `${file}.1`)
    writeFileSync(file, '', { mode: 0o600 })
    log.append(line(1))
    log.append(line(2))
    expect([read(`${file}.1`), read(file), rotations()]).toEqual([line(0), line(1) + line(2), 1])
    log.close()
  })

  it('takes the lines of the moment in which it was moved, each time anew', () => {
    const { log, file } = begun('moved-back')
    renameSync(file, `${file}.1`)
    log.append('{"n":1}\n')
    renameSync(`${file}.1`, file)
    log.append('{"n":2}\n')
    renameSync(file, `${file}.2`)
    log.append('{"n":3}\n')
    expect(existsSync(file)).toBe(false)
    log.append('{"n":4}\n')
    expect(
      readFileSync(`${file}.2`, 'utf8')
        .match(/\d(?=}\n)/g)!
        .slice(-3),
    ).toEqual(['1', '2', '3'])
    expect(readFileSync(file, 'utf8')).toBe('{"n":4}\n')
    log.close()
  })

  it('makes one where nobody does, and loses no line meanwhile', () => {
    const { log, file, rotations } = begun('moved')
    renameSync(file, `${file}.1`)
    // Whoever moved it may be about to make another.
    log.append(line(1))
    expect(existsSync(file)).toBe(false)
    log.append(line(2))
    expect([read(`${file}.1`), read(file), rotations()]).toEqual([line(0) + line(1), line(2), 1])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    renameSync(file, `${file}.2`)
    log.check()
    log.check()
    log.append(line(3))
    expect([read(`${file}.2`), read(file), rotations()]).toEqual([line(2), line(3), 2])
    log.close()
  })

  it('is not confused by a copy that empties the file', () => {
    const { log, file, rotations } = begun('copied')
    truncateSync(file)
    log.append(line(1))
    expect([read(file), rotations()]).toEqual([line(1), 0])
    log.close()
  })

  it('follows a link that points elsewhere now', () => {
    writeFileSync(path('first'), '')
    writeFileSync(path('second'), '')
    symlinkSync(path('first'), path('link'))
    const { log } = begun('link')
    unlinkSync(path('link'))
    symlinkSync(path('second'), path('link'))
    log.append(line(1))
    expect([read(path('first')), read(path('second'))]).toEqual([line(0), line(1)])
    log.close()
  })

  it('misses a file that was deleted, makes no other, and goes on once there is one', () => {
    const { log, file, rotations } = begun('deleted')
    unlinkSync(file)
    for (const look of [() => log.check(), () => log.append(line(1)), () => log.append(line(2))]) {
      expect(look).toThrowError(
        expect.objectContaining({
          code: 'ERR_STORAGE',
          message: expect.stringMatching(/deleted: the decision log was deleted; make an empty file there/),
        }),
      )
    }
    expect(existsSync(file)).toBe(false)
    writeFileSync(file, '')
    log.append(line(3))
    expect([read(file), rotations()]).toEqual([line(3), 1])
    log.close()
  })

  it('leaves a file of something else, put in its place, as it is', () => {
    const { log, file } = begun('replaced')
    renameSync(file, `${file}.1`)
    writeFileSync(file, 'precious')
    expect(() => log.append(line(1))).toThrowError(/expected a decision log/)
    expect(read(file)).toBe('precious')
    unlinkSync(file)
    mkdirSync(file)
    expect(() => log.append(line(2))).toThrowError(/replaced: cannot open: EISDIR/)
    log.close()
  })

  it('is opened anew when it is asked to: at once, though nobody made another', () => {
    const { log, file, rotations } = begun('asked')
    log.reopen()
    log.append(line(1))
    expect([read(file), rotations()]).toEqual([line(0) + line(1), 0])
    renameSync(file, `${file}.1`)
    log.reopen()
    expect([read(file), rotations()]).toEqual(['', 1])
    log.append(line(2))
    expect([read(`${file}.1`), read(file)]).toEqual([line(0) + line(1), line(2)])
    unlinkSync(file)
    log.reopen()
    log.append(line(3))
    expect([read(file), rotations()]).toEqual([line(3), 2])
    unlinkSync(file)
    writeFileSync(file, 'precious')
    expect(() => log.reopen()).toThrowError(/expected a decision log/)
    expect(read(file)).toBe('precious')
    log.close()
    log.reopen()
  })

  it.skipIf(process.platform === 'win32')('writes to a device for as long as it is open', () => {
    const log = new LogFile('/dev/null')
    log.append(line(1))
    log.check()
    log.close()
  })
})
