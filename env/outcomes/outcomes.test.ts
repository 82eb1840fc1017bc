import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError, ShapeError, UnknownNameError } from '../errors.js'
import { CsvOutcomeReader } from './csv-outcomes.js'
import { CsvReader } from './csv-reader.js'
import { JsonlOutcomeReader } from './jsonl-outcomes.js'
import type { ModelOutcomes } from './model-outcomes.js'
import type { OutcomeReader, OutcomeReaderOptions } from './outcome-reader.js'
import { summariseOutcomes } from './outcome-summary.js'
import { csvLines, jsonLines } from './write-outcomes.js'

function records(text: string, chunk = text.length): string[][] {
  const found: string[][] = []
  const reader = new CsvReader({
    record: (record) => void found.push([...record.fields]),
    problem: (message, { line, column }) => {
      throw new Error(`${line}:${column} ${message}`)
    },
  })
  for (let i = 0; i < text.length; i += chunk) reader.push(text.slice(i, i + chunk))
  reader.end()
  return found
}

function read(reader: OutcomeReader, text: string, chunk = 7): ModelOutcomes {
  for (let i = 0; i < text.length; i += chunk) reader.push(text.slice(i, i + chunk))
  return reader.end()
}

const csv = (text: string, options: OutcomeReaderOptions = {}) =>
  read(new CsvOutcomeReader({ file: 'a.csv', ...options }), text)
const jsonl = (text: string, options: OutcomeReaderOptions = {}) =>
  read(new JsonlOutcomeReader({ file: 'a.jsonl', ...options }), text)

function problems(run: () => unknown): string[] {
  try {
    run()
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n')
    throw error
  }
  throw new Error('nothing was wrong')
}

describe('CSV records', () => {
  it('keeps quotes, commas and line breaks inside quoted fields, however the text is cut', () => {
    const text = '\ufeffa,"b ""x"", y"\r\n"1\r\n2",\r\n\r\n,""\n"",\rlast,é😀'
    for (let chunk = 1; chunk <= text.length; chunk++) {
      expect(records(text, chunk)).toEqual([
        ['a', 'b "x", y'],
        ['1\r\n2', ''],
        ['', ''],
        ['', ''],
        ['last', 'é😀'],
      ])
    }
  })

  it('reads back any records, cut anywhere', () => {
    const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'é') })
    const table = fc.array(fc.tuple(field, field), { minLength: 1 })
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 9 }), (rows, chunk) => {
        const text = rows.map((row) => row.map((f) => `"${f.replaceAll('"', '""')}"`).join(',')).join('\r\n')
        expect(records(text, chunk)).toEqual(rows)
      }),
    )
  })

  it('says where a quote stands wrong', () => {
    expect(() => records('a,b\n1,x"y')).toThrow('2:4 a quote inside')
    expect(() => records('a,b\n1,"x"y')).toThrow('2:6 text after the closing quote')
    expect(() => records('a,b\n1,"x\ny')).toThrow('2:3 a quote is opened here and never closed')
  })
})

describe('outcome tables', () => {
  it('reads CSV, leaving unknown what is empty', () => {
    const table = csv('id,correct:m,text,latencyMs:m,group,correct:n\n1,0.5,"a\nb",,g,1\n2,,c,20,,0\n')
    expect(table.models).toEqual(['m', 'n'])
    expect([table.id(1), table.text(0), table.group(0), table.group(1)]).toEqual(['2', 'a\nb', 'g', undefined])
    expect([table.correct(0, 0), table.correct(1, 0), table.latencyMs(1, 0)]).toEqual([0.5, undefined, 20])
    expect(table.costUsd(0, 1)).toBeUndefined()
    expect(summariseOutcomes(table)).toEqual({
      rows: 2,
      models: [
        { name: 'm', known: 1, accuracy: 0.5 },
        { name: 'n', known: 2, accuracy: 0.5 },
      ],
      oracle: 0.5,
    })
  })

  it('round-trips through CSV and JSON lines', () => {
    const value = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined })
    const row = fc.record({
      text: fc.string(),
      group: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
      value,
    })
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), (rows) => {
        const lines = rows.map(({ text, group, value: correct }, i) =>
          JSON.stringify({ id: String(i), text, group, models: { a: { correct }, 'b,"': { costUsd: correct } } }),
        )
        const table = jsonl(lines.join('\r\n'))
        const again = [csv([...csvLines(table)].join('')), jsonl([...jsonLines(table)].join(''))]
        for (const other of again) {
          expect(other.models).toEqual(table.models)
          rows.forEach((expected, i) => {
            expect([other.text(i), other.group(i)]).toEqual([expected.text, expected.group])
            expect(other.correct(i, 0)).toBe(expected.value === undefined ? undefined : expected.value + 0)
            expect(other.costUsd(i, 1)).toBe(table.costUsd(i, 1))
          })
        }
      }),
    )
  })

  it('locates everything that is wrong with a CSV', () => {
    expect(problems(() => csv('id,text,correct:m\n1,a,1\n1,b,1.5\n,c,x\n4,d\n5,"e,1\n'))).toEqual([
      'a.csv:3:5: correct:m: expected a number from 0 to 1 (empty: unknown), got "1.5"',
      'a.csv:3:1: id: "1" is also the id of line 2; every row needs an id of its own',
      'a.csv:4:4: correct:m: expected a number from 0 to 1 (empty: unknown), got "x"',
      'a.csv:4:1: id: missing; every row needs an id of its own',
      'a.csv:5: expected 3 fields as in the header, got 2',
      'a.csv:6:3: a quote is opened here and never closed',
    ])
    expect(problems(() => csv('id,txt,costUsd:m\n'))).toEqual([
      'a.csv:1:4: txt: unknown column; did you mean "text"? (known: id, text, group, correct:MODEL, costUsd:MODEL, latencyMs:MODEL)',
      'a.csv:1: text: column absent',
      'a.csv:1: correct:m: column absent',
    ])
    expect(problems(() => csv('id,text,correct:gpt\n1,a,1', { models: ['gpt4'] }))).toEqual([
      'a.csv:1: correct:gpt4: unknown model "gpt4"; did you mean "gpt"? (known: gpt)',
    ])
    expect(problems(() => csv('id,te"xt,correct:m\n1,a,1\n'))).toEqual([
      'a.csv:1:6: a quote inside a field without quotes; put the field in quotes and double it',
    ])
    expect(problems(() => csv('id,text,correct:m\n\n1,"a\r\nb",2\n'))).toEqual([
      'a.csv:4:4: correct:m: expected a number from 0 to 1 (empty: unknown), got "2"',
    ])
    expect(problems(() => csv(''))[0]).toContain('empty; expected a header')
    expect(problems(() => csv('id,text,correct:m\n'))[0]).toContain('no rows')
  })

  it.each([';', '\t'])('reads a table separated by %j, and locates what is wrong in it', (separator) => {
    const lines = (rows: readonly (readonly string[])[]) => rows.map((fields) => fields.join(separator)).join('\n')
    const header = ['id', 'text', 'correct:m']
    const table = csv(lines([header, ['1', 'a, b', '0.5'], ['2', `"c${separator}d"`, '']]))
    expect([table.text(0), table.text(1)]).toEqual(['a, b', `c${separator}d`])
    expect([table.correct(0, 0), table.correct(1, 0)]).toEqual([0.5, undefined])
    expect(problems(() => csv(lines([header, ['1', 'a, b', '0,5']])))).toEqual([
      'a.csv:2:8: correct:m: expected a number from 0 to 1 (empty: unknown), got "0,5"; write decimals with a point: 0.5',
    ])
    // In pieces of one character, too.
    const reader = new CsvOutcomeReader({ file: 'a.csv' })
    for (const character of lines([header, ['1', 'x', '1']])) reader.push(character)
    expect(reader.end().correct(0, 0)).toBe(1)
  })

  it('takes semicolons in texts for text where commas separate', () => {
    expect(csv('id,text,correct:m\n1,a;b;c;d,1\n').text(0)).toBe('a;b;c;d')
    expect(csv('"id","text","correct:a;b"\n1,x,1\n').models).toEqual(['a;b'])
  })

  it.each(['', 'Unnamed: 0'])('leaves out the index that pandas writes in front, named %j', (name) => {
    const table = csv(`${name},id,text,correct:m\n0,q1,a,1\n1,q2,b,0\n`)
    expect([table.size, table.id(1), table.correct(1, 0)]).toEqual([2, 'q2', 0])
    expect(problems(() => csv(`id,${name},text,correct:m\n`))[0]).toMatch(/^a\.csv:1:4: .*unknown column/)
  })

  it('skips a byte order mark, before a quote as well', () => {
    expect(csv('\ufeffid,text,correct:m\n1,a,1\n').size).toBe(1)
    expect(csv('\ufeff"id";"text";"correct:m"\n1;a;1\n').size).toBe(1)
  })

  it.each([
    ['correct:m', 'NaN', 'a number from 0 to 1', '; leave the cell empty where nothing is known'],
    ['correct:m', 'N/A', 'a number from 0 to 1', '; leave the cell empty where nothing is known'],
    ['correct:m', 'true', 'a number from 0 to 1', ''],
    ['costUsd:m', 'inf', 'US dollars of one call, from 0 to 1000000', '; leave the cell empty where nothing is known'],
    ['costUsd:m', '1e300', 'US dollars of one call, from 0 to 1000000', ''],
    ['costUsd:m', '1e999', 'US dollars of one call, from 0 to 1000000', ''],
    ['costUsd:m', '-0.1', 'US dollars of one call, from 0 to 1000000', ''],
    ['costUsd:m', '$0.10', 'US dollars of one call, from 0 to 1000000', '; write the number alone'],
    ['latencyMs:m', '2e9', 'milliseconds of one call, from 0 to 1000000000', ''],
    ['latencyMs:m', '12,5', 'milliseconds of one call, from 0 to 1000000000', '; write decimals with a point: 12.5'],
  ])('says what is wrong with %s of %s', (name, cell, expected, advice) => {
    const other = name === 'correct:m' ? 'costUsd:m' : 'correct:m'
    expect(problems(() => csv(`id,text,${other},${name}\n1,a,,"${cell}"\n`))).toEqual([
      `a.csv:2:6: ${name}: expected ${expected} (empty: unknown), got ${JSON.stringify(cell)}${advice}`,
    ])
  })

  it('takes no cost or time beyond all measure from JSON lines either', () => {
    const line = '{"id":"1","text":"a","models":{"m":{"costUsd":1e300,"latencyMs":1e300}}}'
    expect(problems(() => jsonl(line))).toEqual([
      'a.jsonl:1: models.m.costUsd: expected US dollars of one call, from 0 to 1000000 (empty: unknown), got 1e+300',
      'a.jsonl:1: models.m.latencyMs: expected milliseconds of one call, from 0 to 1000000000 (empty: unknown), got 1e+300',
    ])
  })

  it('locates everything that is wrong with JSON lines', () => {
    const lines = [
      '{"id":"1","text":"a","models":{"m":{"correct":1}}}',
      '{"id":"1","text":"b","models":{"m":{"correct":-1}}}',
      '{"id":"3","text":"c","models":{"n":{}}}',
      '{"id":4,"text":"d","models":{"m":{}}}',
      '{oops',
    ]
    const found = problems(() => jsonl(lines.join('\n')))
    expect(found).toHaveLength(5)
    expect(found[0]).toContain('a.jsonl:2: id: "1" is also the id of line 1')
    expect(found[1]).toContain('a.jsonl:2: models.m.correct: expected a number from 0 to 1')
    expect(found[2]).toContain('a.jsonl:3: models.n: unknown model "n"')
    expect(found[3]).toContain('a.jsonl:4: id: Invalid input: expected string, received number')
    expect(found[4]).toContain('a.jsonl:5: not JSON')
  })

  it('stops after 50 problems, and says so', () => {
    const rows = Array.from({ length: 1000 }, () => ',a,9').join('\n')
    expect(problems(() => csv(`id,text,correct:m\n${rows}`)).slice(0, 50)).not.toContain(
      expect.stringContaining('reading stopped'),
    )
    expect(problems(() => csv(`id,text,correct:m\n${rows}`))).toHaveLength(51)
    expect(problems(() => csv(`id,text,correct:m\n${rows}`)).at(-1)).toContain(
      '50 problems so far, and reading stopped here',
    )
  })

  it('refuses rows and models it does not have', () => {
    const table = csv('id,text,correct:m\n1,a,1\n2,b,0\n')
    expect(() => table.correct(2, 0)).toThrow(ShapeError)
    expect(() => table.modelIndex('mm')).toThrow(UnknownNameError)
    expect(table.select([1, 1]).correct(1, 0)).toBe(0)
  })
})

describe('names that every object knows', () => {
  const csvText = 'id,text,correct:constructor,correct:valueOf,correct:toString\n1,first,1,0.5,\n2,second,0,,0.25\n'
  const line = (models: string) => `{"id":"1","text":"first","models":${models}}\n`
  const jsonlText = `${line('{"constructor":{"correct":1},"toString":{}}')}${line('{"toString":{"correct":0.25}}').replace('1', '2')}`

  it('are models like any other in JSON lines, where JSON can say them', () => {
    const outcomes = jsonl(jsonlText)
    const of = (name: string) => [0, 1].map((row) => outcomes.correct(row, outcomes.models.indexOf(name)))
    expect([of('constructor'), of('toString')]).toEqual([
      [1, undefined],
      [undefined, 0.25],
    ])
    expect(problems(() => jsonl(line('{"__proto__":{"correct":1}}')))[0]).toMatch(
      /a\.jsonl:1.*models\.__proto__.*rename the model/,
    )
  })

  it('are models like any other in CSV', () => {
    const outcomes = csv(csvText)
    const of = (name: string) => [0, 1].map((row) => outcomes.correct(row, outcomes.models.indexOf(name)))
    expect([...outcomes.models].sort()).toEqual(['constructor', 'toString', 'valueOf'])
    expect([of('constructor'), of('valueOf'), of('toString')]).toEqual([
      [1, 0],
      [0.5, undefined],
      [undefined, 0.25],
    ])
    expect(Object.hasOwn(Object, 'correct')).toBe(false)
    expect(problems(() => csv('id,text,correct:__proto__\n1,a,1\n'))).toEqual([
      'a.csv:1:9: correct:__proto__: a name that readers of JSON take for something else; rename the model',
    ])
  })
})
