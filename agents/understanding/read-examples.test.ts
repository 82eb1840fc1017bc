import { describe, expect, it } from 'vitest'
import { ConfigError } from '#env/errors.js'
import { type exampleForms, readExamples } from './read-examples.js'

type Form = keyof typeof exampleForms

const read = (form: Form, text: string) => readExamples(new TextEncoder().encode(text), form, 'f')
const short = (form: Form, text: string) =>
  read(form, text).map(({ text: whole, tokens, tags, intent }) => ({
    intent,
    tagged: tokens.map((token, t) => `${token.text}/${tags[t]}`).join(' '),
    whole,
    stands: tokens.every(({ text: word, from, to }) => whole.slice(from, to) === word),
  }))

const rain = {
  intent: 'weather',
  tagged: 'rain/O in/O New/B-city York/I-city',
  whole: 'rain in New York',
  stands: true,
}
const joke = { intent: null, tagged: 'tell/O', whole: 'tell', stands: true }

describe('training data', () => {
  it.each<[string, Form, string]>([
    [
      'CoNLL',
      'conll',
      '# id: 7\n# intent: weather\nrain NN O\nin IN O\nNew NNP B-city\nYork NNP I-city\n\n\n# intent:\ntell\tO\n',
    ],
    [
      'CoNLL with CRLF and a byte order mark',
      'conll',
      '\ufeff# intent = weather\r\nrain\tO\r\nin\tO\r\nNew\tB-city\r\nYork\tI-city\r\n# intent:\r\ntell\tO',
    ],
    ['CSV with slots', 'csv', 'text,intent,slots\nrain in New York,weather,city=New York\ntell,,\n'],
    ['CSV with tags', 'csv', 'tags;text;category\r\nO O B-city I-city;rain in New York;weather\r\nO;tell;\r\n'],
    [
      'a JSON array',
      'json',
      '[{"text":"rain in New York","intent":"weather","slots":[{"name":"city","from":8,"to":16}]},\n{"text":"tell","intent":null}]',
    ],
    [
      'JSON lines',
      'json',
      '{"words":["rain","in","New","York"],"tags":["O","O","B-city","I-city"],"intent":"weather"}\n\n{"text":"tell","intent":null}\n',
    ],
  ])('is read from %s', (_, form, text) => {
    expect(short(form, text)).toEqual([rain, joke])
  })

  it('finds slots by their words, where these stand alone and are not taken', () => {
    const slots = 'a=york; b=york'
    const [one] = short('csv', `text,intent,slots\n"yorkshire, york or york?",i,${slots}\n`)
    expect(one!.tagged).toBe('yorkshire/O ,/O york/B-a or/O york/B-b ?/O')
    const json = '{"text":"york york","intent":"i","slots":[{"name":"a","text":"york"},{"name":"b","from":0,"to":4}]}'
    expect(short('json', json)[0]!.tagged).toBe('york/B-b york/B-a')
  })

  it('takes a word # for a word', () => {
    expect(short('conll', '# intent: i\n# O\n#1 B-a\n')[0]!.tagged).toBe('#/O #1/B-a')
  })

  it.each<[string, Form, string, RegExp]>([
    [
      'a tag that continues nothing',
      'conll',
      '# intent: i\na O\nb I-x\n',
      /^f:3: tag: I-x after O continues nothing; write B-x/,
    ],
    ['one of another slot', 'conll', '# intent: i\na B-y\nb I-x\n', /^f:3: tag: I-x after B-y/],
    ['a tag of another kind', 'conll', '# intent: i\na X\n', /^f:2: tag: expected O, B-SLOT or I-SLOT, got "X"/],
    ['a word without a tag', 'conll', '# intent: i\na O\nb\nc O\n', /^f:3: expected a word and its tag, got "b"/],
    ['a sentence without an intent', 'conll', '# intent: i\na O\n\nb O\n', /^f:4: intent: no `# intent: NAME`/],
    ['nothing', 'conll', '\n\n', /^f: no sentences/],
    [
      'fewer tags than words',
      'csv',
      'text,intent,tags\na b,i,O\n',
      /^f:2:7: tags: expected a tag for each of 2 words, got 1/,
    ],
    ['broken tags', 'csv', 'text,intent,tags\na b,i,O I-x\n', /^f:2:7: tags: word 2, "b": I-x after O/],
    ['an unknown column', 'csv', 'text,intnet\na,b\n', /f:1:6: intnet: unknown column; did you mean "intent"\?/],
    ['a column absent', 'csv', 'text,slots\na,\n', /f:1: intent: column absent/],
    ['a column twice', 'csv', 'text,intent,label\na,b,c\n', /f:1:13: intent: column named twice/],
    ['slots and tags', 'csv', 'text,intent,tags,slots\na,b,O,\n', /tags: expected slots or tags, not both/],
    ['a field too many', 'csv', 'text,intent\na,b,c\n', /^f:2: expected 2 fields as in the header, got 3/],
    ['no text', 'csv', 'text,intent\n ,b\n', /^f:2:1: text: empty/],
    ['an empty file', 'csv', '', /^f:1: empty; expected a header/],
    [
      'slots in another form',
      'csv',
      'text,intent,slots\na,b,city\n',
      /^f:2:5: slots: expected SLOT=WORDS; SLOT=WORDS, got "city"/,
    ],
    [
      'a slot that is not there',
      'csv',
      'text,intent,slots\nabc,i,x=b\n',
      /^f:2:7: slots: slot "x": "b" doesn't stand in the text/,
    ],
    ['what is no JSON', 'json', '{"text":"a","intent":"i"}\n{"text"\n', /^f:2: not JSON/],
    ['an array cut short', 'json', '[{"text":"a","intent":"i"},\n{"text":"b"', /^f:2: not JSON/],
    ['text after an array', 'json', '[{"text":"a","intent":"i"}]\n x', /not JSON/],
    ['a trailing comma', 'json', '[{"text":"a","intent":"i"},\n,{"text":"b","intent":"i"}]', /^f:2: not JSON/],
    [
      'an unknown key',
      'json',
      '[\n {"text":"a","intent":"i"},\n {"text":"b","intent":"i","slot":[]}\n]',
      /^f:3: slot: unknown key; did you mean "slots"/,
    ],
    ['no intent', 'json', '{"text":"a"}', /^f:1: intent: /],
    [
      'fewer tags',
      'json',
      '[\n\n{"words":["a","b"],"tags":["O"],"intent":"i"}]',
      /^f:3: tags: expected a tag for each of 2 words/,
    ],
    [
      'a slot within a word',
      'json',
      '{"text":"abc","intent":"i","slots":[{"name":"s","from":0,"to":2}]}',
      /^f:1: slots: slot "s": \[0, 2\) is "ab"/,
    ],
    [
      'slots on top of each other',
      'json',
      '{"text":"a b","intent":"i","slots":[{"name":"s","from":0,"to":3},{"name":"t","from":2,"to":3}]}',
      /\[2, 3\) lies on another slot/,
    ],
    [
      'a slot without a place',
      'json',
      '{"text":"a","intent":"i","slots":[{"name":"s"}]}',
      /slots\.0: expected from and to, or text/,
    ],
  ])('is refused with %s', (_, form, text, message) => {
    expect(() => read(form, text)).toThrow(ConfigError)
    expect(() => read(form, text)).toThrow(message)
  })

  it('tells of everything at once, and of what is no text', () => {
    expect(() => read('conll', '# intent: i\na X\nb I-x\n')).toThrow(/f:2: .*\n.*f:3: /)
    expect(() => readExamples(Uint8Array.of(0xff, 0xfe, 0x41), 'csv', 'f')).toThrow(/f: not UTF-8 text/)
  })
})
