import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError, LifecycleError, ShapeError, StateError } from '../errors.js'
import { SparseVector } from '../sparse-matrix.js'
import { type EncoderRow, encodeRows } from './encoder.js'
import { createEncoder, type EncoderConfig, encoderConfig } from './encoders.js'
import { murmur3 } from './murmur3.js'
import { surfaceFeatures } from './surface.js'
import { scikitLearnTfidf } from './testing/scikit-learn-tfidf.js'

const rowsOf = (...texts: readonly string[]): EncoderRow[] => texts.map((text) => ({ text }))
const make = (config: object) => createEncoder(encoderConfig.parse(config))

function fittedOn(config: object, ...texts: readonly string[]) {
  const encoder = make(config)
  encoder.fit(rowsOf(...texts))
  return encoder
}

function entries(config: object, train: readonly string[], text: string): [number, number][] {
  const out = new SparseVector(0)
  fittedOn(config, ...train).encode({ text }, out)
  return Array.from({ length: out.length }, (_, k) => [out.index[k]!, out.value[k]!])
}

function termsOf(tensors: ReturnType<ReturnType<typeof make>['export']>): string[] {
  const { data } = tensors.terms!
  const start = tensors.termStart!.data
  return Array.from({ length: start.length - 1 }, (_, t) =>
    Buffer.from(data.slice(start[t], start[t + 1])).toString('utf8'),
  )
}

describe('murmur3', () => {
  it('gives the published test values', () => {
    const hash = (text: string, seed: number) => {
      const bytes = new TextEncoder().encode(text)
      return murmur3(bytes, 0, bytes.length, seed) >>> 0
    }
    expect(hash('', 0)).toBe(0)
    expect(hash('', 1)).toBe(0x514e28b7)
    expect(hash('test', 0)).toBe(0xba6bd213)
    expect(hash('Hello, world!', 0)).toBe(0xc0363e43)
    expect(hash('The quick brown fox jumps over the lazy dog', 0x9747b28c)).toBe(0x2fa826cd)
  })
})

describe('tfidf', () => {
  it('gives the numbers worked out by hand', () => {
    // n = 2; df(cat) = 2, so idf 1; df(dog) = df(sat) = 1, so idf = ln(3 / 2) + 1. Row: cat twice, dog once.
    const idf = Math.log(1.5) + 1
    const length = Math.sqrt(4 + idf * idf)
    const found = entries({ id: 'tfidf', ngrams: [1, 1] }, ['cat sat', 'Dog CAT a'], 'cat, cat dog bird')
    expect(found.map(([column]) => column)).toEqual([0, 1])
    expect(found[0]![1]).toBeCloseTo(2 / length, 14)
    expect(found[1]![1]).toBeCloseTo(idf / length, 14)
  })

  it.each(scikitLearnTfidf.cases.map((one) => [JSON.stringify(one.config), one] as const))(
    'equals scikit-learn: %s',
    (_, { config, columns, termsSha256, rows }) => {
      // Version 1 cuts all texts as scikit-learn does.
      const encoder = createEncoder(encoderConfig.parse({ id: 'tfidf', ...config }), '1')
      encoder.fit(rowsOf(...scikitLearnTfidf.train))
      expect(encoder.size).toBe(columns)
      const terms = termsOf(encoder.export())
      expect(createHash('sha256').update(terms.join('\0')).digest('hex')).toBe(termsSha256)
      const out = new SparseVector()
      rows.forEach(([count, sum, weighted], i) => {
        encoder.encode({ text: scikitLearnTfidf.test[i]! }, out)
        const values = [...out.value.subarray(0, out.length)]
        expect(out.length).toBe(count)
        expect(values.reduce((total, value) => total + value, 0)).toBeCloseTo(sum, 10)
        expect(values.reduce((total, value, k) => total + value * (out.index[k]! + 1), 0)).toBeCloseTo(weighted, 7)
      })
    },
  )

  it.each([
    ['Hindi: marks stay in their words', 'दिल्ली है', ['दिल्ली', 'दिल्ली है', 'है']],
    ['Chinese: characters and pairs', '北京市', ['北', '北京', '京', '京市', '市']],
    ['Japanese, between Latin letters', 'iPhoneの値 ok', ['iphone', 'iphone の', 'ok', 'の', 'の値', '値', '値 ok']],
    ['Thai: characters with their marks', 'น้ำ', ['น้', 'น้ํา', 'ํา'].slice(0, 1)],
    ['Lao: characters', 'ລາວ', ['ລ', 'ລາ', 'າ', 'າວ', 'ວ']],
    ['Khmer: characters', 'ខរ', ['ខ', 'ខរ', 'រ']],
    ['Arabic: vowel marks', 'مَدِينَة x', ['مَدِينَة']],
    ['Persian: joiners', 'می\u200cروم', ['می\u200cروم']],
    ['Korean, decomposed', '한국 지도'.normalize('NFD'), ['지도', '한국', '한국 지도']],
    ['Latin, decomposed', 'cafe\u0301 noir', ['café', 'café noir', 'noir']],
    ['a pause is no neighbour', '山，川', ['山', '山 川', '川']],
  ])('cuts %s', (name, text, terms) => {
    const encoder = fittedOn({ id: 'tfidf' }, text)
    const found = termsOf(encoder.export())
    if (name.startsWith('Thai')) expect(found).toEqual(expect.arrayContaining(terms))
    else expect(found.toSorted()).toEqual(terms.toSorted())
  })

  it('cuts Latin, Greek and Cyrillic texts as version 1 did, number for number', () => {
    const texts = [
      'When does the café open?',
      'Πότε ανοίγει;',
      'Когда открывается музей?',
      'x1 a_b 3.14 naïve Straße İzmir2',
    ]
    const [one, two] = (['1', '2'] as const).map((version) => {
      const encoder = createEncoder(encoderConfig.parse({ id: 'tfidf' }), version)
      encoder.fit(rowsOf(...texts.slice(0, 3)))
      return encoder.export()
    })
    expect(two).toEqual(one)
  })

  it.each([
    { id: 'tfidf' },
    { id: 'standardise', of: { id: 'tfidf' } },
    { id: 'concatenate', parts: [{ id: 'surface' }, { id: 'tfidf' }] },
  ])('is of version 2, and goes on as version 1 where it was made so: $id', (config) => {
    const parsed = encoderConfig.parse(config)
    expect([createEncoder(parsed).version, createEncoder(parsed, '1').version]).toEqual(['2', '1'])
    const old = createEncoder(parsed, '1')
    old.fit(rowsOf('दिल्ली में मौसम'))
    const again = createEncoder(parsed, '1')
    again.load(old.export())
    const [a, b] = [new SparseVector(), new SparseVector()]
    old.encode({ text: 'दिल्ली' }, a)
    again.encode({ text: 'दिल्ली' }, b)
    expect([...b.value.subarray(0, b.length)]).toEqual([...a.value.subarray(0, a.length)])
    expect(createEncoder(encoderConfig.parse({ id: 'group' })).version).toBe('1')
  })

  it('keeps the most frequent terms, ties by code point', () => {
    const encoder = fittedOn({ id: 'tfidf', ngrams: [1, 1], maxFeatures: 2 }, 'bb cc aa cc', 'dd')
    expect(termsOf(encoder.export())).toEqual(['aa', 'cc'])
  })

  it('hashes into 2^bits columns, whatever it was fitted on', () => {
    const config = { id: 'tfidf', hashBits: 6, norm: 'none' }
    const a = entries(config, ['one two'], 'new words, new text')
    const b = entries(config, ['other rows', 'of training'], 'new words, new text')
    expect(a.map(([column]) => column)).toEqual(b.map(([column]) => column))
    expect(a.length).toBeGreaterThan(2)
    expect(a.every(([column]) => column < 64)).toBe(true)
    expect(fittedOn(config, 'x').size).toBe(64)
  })
})

describe('surface features', () => {
  it('counts', () => {
    const found = entries({ id: 'surface', log: false }, [], 'Why is 3.14 > Π?\n```js\nf_1()\n```')
    const named = Object.fromEntries(found.map(([column, value]) => [surfaceFeatures[column], value]))
    // words: Why is 3 14 Π js f_1; letters 3 + 2 + 1 + 2 + 1 + 2 + 3 = 14
    expect(named).toEqual({
      characters: 32,
      words: 7,
      averageWordLength: 2,
      digits: 4,
      numbers: 3,
      punctuation: 11,
      questionMarks: 1,
      upperCase: 1,
      lines: 4,
      codeFences: 2,
      nonAscii: 1,
    })
  })

  const ofText = (text: string, version: '1' | '2' = '2') => {
    const out = new SparseVector()
    createEncoder(encoderConfig.parse({ id: 'surface', log: false }), version).encode({ text }, out)
    const values = Object.fromEntries(
      Array.from({ length: out.length }, (_, k) => [surfaceFeatures[out.index[k]!], out.value[k]]),
    )
    return { words: 0, punctuation: 0, questionMarks: 0, ...values }
  }

  it.each([
    ['Hindi: marks are of their words', 'दिल्ली है?', { words: 2, punctuation: 1, questionMarks: 1 }],
    [
      'Chinese: each character is a word',
      '北京市？',
      { words: 3, punctuation: 1, questionMarks: 1, averageWordLength: 1 },
    ],
    ['Japanese between Latin letters', 'iPhoneの値ok', { words: 4 }],
    ['Thai: characters with their marks', 'น้ำ', { words: 2, punctuation: 0 }],
    ['Arabic', 'أين المدينة؟', { words: 2, punctuation: 1, questionMarks: 1 }],
    ['Latin, decomposed', 'cafe\u0301 noir', { words: 2, punctuation: 0, characters: 9 }],
  ])('reads %s', (_, text, expected) => {
    expect(ofText(text)).toMatchObject(expected)
  })

  it('reads Latin, Greek and Cyrillic as version 1 did, and goes on as version 1 where it was made so', () => {
    for (const text of ['When does the café open?', 'Πότε ανοίγει; x_1', 'Когда 3.14 открывается?']) {
      expect(ofText(text)).toEqual(ofText(text, '1'))
    }
    expect(ofText('दिल्ली', '1')).toMatchObject({ words: 3, punctuation: 3 })
  })
})

describe('encoders of encoders', () => {
  it('standardises to mean 0 and deviation 1 over the training rows', () => {
    const train = rowsOf('a', 'bbb 22', '???? c d')
    const encoder = make({ id: 'standardise', of: { id: 'surface' } })
    encoder.fit(train)
    const dense = train.map((one) => {
      const row = new SparseVector()
      const out = new Float64Array(encoder.size)
      encoder.encode(one, row)
      row.writeDense(out, 0, encoder.size)
      return out
    })
    for (let k = 0; k < encoder.size; k++) {
      const column = dense.map((row) => row[k]!)
      const mean = column.reduce((a, b) => a + b, 0) / 3
      expect(mean).toBeCloseTo(0, 12)
      const variance = column.reduce((a, b) => a + (b - mean) ** 2, 0) / 3
      expect([0, 1]).toContain(Number(variance.toFixed(10)))
    }
  })

  it('puts columns side by side', () => {
    const tfidf = { id: 'tfidf' }
    const encoder = fittedOn({ id: 'concatenate', parts: [tfidf, { id: 'surface' }] }, 'cat sat', 'dog')
    const terms = fittedOn(tfidf, 'cat sat', 'dog').size
    expect(encoder.size).toBe(terms + surfaceFeatures.length)
    const [a, b] = [new SparseVector(), new SparseVector()]
    encoder.encode({ text: 'dog' }, a)
    make({ id: 'surface' }).encode({ text: 'dog' }, b)
    expect([...a.index.subarray(1, a.length)]).toEqual([...b.index.subarray(0, b.length)].map((c) => c + terms))
    const dense = new Float32Array(encoder.size + 1).fill(7)
    a.writeDense(dense, 1, encoder.size)
    expect([dense[0], dense.filter((x) => x !== 0).length]).toEqual([7, a.length + 1])
    expect(() => a.writeDense(dense, 2, encoder.size)).toThrow(ShapeError)
  })
})

const configs: readonly EncoderConfig[] = [
  { id: 'tfidf' },
  { id: 'tfidf', analyzer: 'char_wb', ngrams: [2, 4], sublinearTf: true },
  { id: 'tfidf', analyzer: 'char', ngrams: [1, 3], hashBits: 8 },
  { id: 'surface' },
  {
    id: 'concatenate',
    parts: [
      { id: 'standardise', of: { id: 'surface' } },
      { id: 'standardise', centre: false, of: { id: 'tfidf', hashBits: 10 } },
      { id: 'tfidf', analyzer: 'char' },
    ],
  },
].map((config) => encoderConfig.parse(config))

describe.each(configs.map((config) => [JSON.stringify(config), config] as const))('%s', (_, config) => {
  const texts = fc.array(fc.string({ unit: 'binary' }), { maxLength: 6 })

  it('is the same after export and load, and when rows are encoded in another order', () => {
    fc.assert(
      fc.property(texts, texts, (train, test) => {
        const encoder = createEncoder(config)
        encoder.fit(rowsOf('some words here', ...train))
        const again = createEncoder(config)
        again.load(structuredClone(encoder.export()))
        expect(again.export()).toEqual(encoder.export())
        const rows = rowsOf(...test, ...train)
        const expected = encodeRows(encoder, rows)
        expect(encodeRows(again, rows)).toEqual(expected)
        encodeRows(encoder, rows.toReversed())
        expect(encodeRows(encoder, rows)).toEqual(expected)
        for (let row = 0; row < rows.length; row++) {
          const columns = expected.index.slice(expected.rowStart[row], expected.rowStart[row + 1])
          expect(columns.every((c, k) => c > (columns[k - 1] ?? -1) && c < encoder.size)).toBe(true)
        }
        expect(expected.value.every(Number.isFinite)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })
})

describe('refusals', () => {
  it('refuses use before fitting', () => {
    expect(() => make({ id: 'tfidf' }).encode({ text: 'a' }, new SparseVector())).toThrow(LifecycleError)
    expect(() => make({ id: 'standardise', of: { id: 'surface' } }).size).toThrow(LifecycleError)
  })

  it('refuses arrays that do not fit', () => {
    const good = fittedOn({ id: 'tfidf' }, 'cat sat').export()
    const load = (change: object) => () => make({ id: 'tfidf' }).load({ ...good, ...change })
    expect(load({})).not.toThrow()
    expect(() => make({ id: 'tfidf' }).load({})).toThrow(StateError)
    expect(() => make({ id: 'tfidf', hashBits: 5 }).load(good)).toThrow(/"idf": expected Float64Array \[32\]/)
    expect(load({ idf: { shape: [3], data: new Float32Array(3) } })).toThrow(StateError)
    expect(load({ idf: { shape: [3], data: Float64Array.of(1, Number.NaN, 1) } })).toThrow('NaN')
    expect(load({ termStart: { shape: [4], data: Int32Array.of(0, 5, 3, 14) } })).toThrow('termStart must ascend')
  })

  it('refuses configs that make no sense', () => {
    for (const config of [{ id: 'tfidf', ngrams: [3, 2] }, { id: 'tfidf', hashBits: 8, maxFeatures: 3 }, { id: 'x' }]) {
      expect(encoderConfig.safeParse(config).success).toBe(false)
    }
    expect(() => fittedOn({ id: 'tfidf', minDocuments: 3 }, 'cat sat')).toThrow(ConfigError)
    const wide = { id: 'standardise', of: { id: 'tfidf', hashBits: 13 } }
    expect(() => fittedOn(wide, 'cat')).toThrow('centring would fill 8192 columns')
  })
})
