import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../testing/temporary-directory.js'
import { LogWriter } from './log-writer.js'
import { metricSchema } from './trial-records.js'

const path = temporaryDirectory()
const metric = (step: number) => ({ step, name: 'loss', value: step / 2 })

describe('LogWriter', () => {
  it('appends a line a record and counts bytes', () => {
    const log = new LogWriter(path('a.jsonl'), metricSchema)
    log.append(metric(1))
    log.append({ step: 2, name: 'Qualität', value: 0.1 })
    log.close()
    const text = '{"step":1,"name":"loss","value":0.5}\n{"step":2,"name":"Qualität","value":0.1}\n'
    expect(readFileSync(path('a.jsonl'), 'utf8')).toBe(text)
    expect(log.length).toBe(Buffer.byteLength(text))
  })

  it('resumed from a checkpoint equals a log never interrupted', () => {
    const whole = new LogWriter(path('whole.jsonl'), metricSchema)
    for (let step = 0; step < 6; step++) whole.append(metric(step))
    whole.close()

    const killed = new LogWriter(path('killed.jsonl'), metricSchema)
    for (let step = 0; step < 3; step++) killed.append(metric(step))
    killed.flush()
    const checkpoint = killed.length
    killed.append({ step: 3, name: 'not in the checkpoint', value: 0 })
    killed.close()
    writeFileSync(path('killed.jsonl'), `${readFileSync(path('killed.jsonl'), 'utf8')}{"step":4,"na`)

    const resumed = new LogWriter(path('killed.jsonl'), metricSchema)
    resumed.truncate(checkpoint)
    for (let step = 3; step < 6; step++) resumed.append(metric(step))
    resumed.close()
    expect(readFileSync(path('killed.jsonl'))).toEqual(readFileSync(path('whole.jsonl')))
  })

  it.each([
    { value: Number.NaN, field: 'value' },
    { value: Number.POSITIVE_INFINITY, field: 'value' },
  ])('refuses $value and writes nothing', (record) => {
    const log = new LogWriter(path('refused.jsonl'), metricSchema)
    expect(() => log.append({ ...metric(1), value: record.value })).toThrowError(
      expect.objectContaining({ code: 'ERR_RECORD', message: expect.stringContaining('refused.jsonl: value: ') }),
    )
    expect(log.length).toBe(0)
    log.close()
    expect(readFileSync(path('refused.jsonl'), 'utf8')).toBe('')
  })

  it('refuses to truncate to more than there is', () => {
    const log = new LogWriter(path('short.jsonl'), metricSchema)
    log.append(metric(1))
    expect(() => log.truncate(4096)).toThrowError(
      expect.objectContaining({ code: 'ERR_RECORD', message: expect.stringContaining('expected at least 4096 bytes') }),
    )
    expect(() => log.truncate(-1)).toThrowError(expect.objectContaining({ code: 'ERR_RECORD' }))
    log.close()
  })

  it('takes nothing once closed, and closes twice without harm', () => {
    const log = new LogWriter(path('closed.jsonl'), metricSchema)
    log.close()
    log.close()
    expect(() => log.append(metric(1))).toThrowError(expect.objectContaining({ code: 'ERR_STORAGE' }))
  })

  it('says where a log cannot be opened', () => {
    expect(() => new LogWriter(path('missing', 'a.jsonl'), metricSchema)).toThrowError(
      expect.objectContaining({ code: 'ERR_STORAGE', message: expect.stringContaining('ENOENT') }),
    )
  })
})
