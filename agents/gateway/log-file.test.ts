import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
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

  it.each(['{"name":"of something else"}', '{"format":"other/1"}\n', 'PK\u0003\u0004', '\n', '{"a":1}\n{"b"'])(
    '%#: leaves a file of something else as it is',
    (content) => {
      writeFileSync(path('other'), content)
      expect(() => new LogFile(path('other'))).toThrowError(
        expect.objectContaining({ code: 'ERR_STORAGE', message: expect.stringMatching(/expected a decision log/) }),
      )
      expect(readFileSync(path('other'), 'utf8')).toBe(content)
    },
  )

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
