import { describe, expect, it } from 'vitest'
import { ConfigError } from '#env/errors.js'
import { readDocuments } from './read-documents.js'

const read = (path: string, text: string) => readDocuments(path, new TextEncoder().encode(text))

describe('documents', () => {
  it('of Markdown and text are the text itself', () => {
    expect(read('faq/returns.md', '\ufeff# Returns #\n\nFree.')).toEqual([
      { id: 'faq/returns.md', title: 'Returns', text: '# Returns #\n\nFree.' },
    ])
    expect(read('notes.txt', '# no heading here')).toEqual([
      { id: 'notes.txt', title: 'notes', text: '# no heading here' },
    ])
    expect(read('empty.txt', ' \n ')).toEqual([])
  })

  it('of HTML are what people read', () => {
    const html = `<!doctype html><html><head><title>Ship &amp; <b>pay</b></title><style>p { }</style></head>
      <body><script>if (a > b) alert("no")</script><!-- <p>not this</p> --><h1>Costs</h1>
      <p title="a > b">Up to 2&nbsp;kg:<br>5&euro; &#38; more</p><ul><li>One</li><li>Two</li></ul>&unknown;</body></html>`
    expect(read('a.html', html)).toEqual([
      { id: 'a.html', title: 'Ship & pay', text: 'Costs\n\nUp to 2 kg:\n5€ & more\n\nOne\n\nTwo\n\n&unknown;' },
    ])
    expect(read('b.htm', '<h1>Only <i>this</i></h1>')[0]).toMatchObject({ title: 'Only this', text: 'Only this' })
  })

  it('of JSON, JSON lines and CSV are records', () => {
    expect(
      read('p.json', '[{"title": "Lamp", "text": "It shines."}, {"name": "Bed", "legs": 4, "of": ["oak", "ash"]}]'),
    ).toEqual([
      { id: 'p.json#0', title: 'Lamp', text: 'It shines.' },
      { id: 'p.json#1', title: 'Bed', text: 'name: Bed\nlegs: 4\nof: oak, ash' },
    ])
    expect(read('one.json', '{"a": {"b": 1}}')).toEqual([{ id: 'one.json', title: 'one', text: 'a: b 1' }])
    expect(read('p.jsonl', '{"text": "x"}\n\n"y"\n').map(({ id, text }) => [id, text])).toEqual([
      ['p.jsonl#0', 'x'],
      ['p.jsonl#2', 'y'],
    ])
    expect(read('p.csv', 'name,price\nLamp,"10, or 12"\n')).toEqual([
      { id: 'p.csv#0', title: 'Lamp', text: 'name: Lamp\nprice: 10, or 12' },
    ])
  })

  const bytes = (...parts: (string | number)[]) =>
    Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...new TextEncoder().encode(part)])))
  it.each([
    ['a picture', 'a.png', bytes('line\n', 0x89, 'PNG', 0, 1), /a\.png:2: .*expected text, got a byte of 0/],
    ['no UTF-8', 'a.txt', bytes('one\ntwo\nthr', 0xe9, 'e\n'), /a\.txt:3: .*not UTF-8/],
    ['UTF-16', 'a.txt', bytes(0xff, 0xfe, 'a', 0), /a\.txt: .*UTF-16/],
    ['broken JSON', 'a.json', bytes('{\n  "a": 1,\n  b\n}'), /a\.json:3:3: .*expected JSON/],
    ['a broken line', 'a.jsonl', bytes('{}\n{"a":\n'), /a\.jsonl:2:\d+: .*expected JSON/],
    ['ragged CSV', 'a.csv', bytes('a,b\n1,2\n3\n'), /a\.csv:3: .*expected CSV/],
  ])('say where they are wrong: %s', (_, path, content, message) => {
    expect(() => readDocuments(path, content)).toThrow(ConfigError)
    expect(() => readDocuments(path, content)).toThrow(message)
  })
})
