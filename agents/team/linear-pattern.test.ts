import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { LinearPattern } from './linear-pattern.js'
import { mayExplode, patternTree } from './pattern-tree.js'

const texts = [
  ...[
    '',
    'a',
    'A',
    'b',
    'ab',
    'aab',
    'ba',
    'abc',
    'cab',
    'a b',
    'ab ab',
    'a-b',
    'aaaa',
    'abababab',
    'bbbbb',
    '1',
    'a1',
  ],
  ...['é', 'É', 'ß', '😀', '😀a', 'ſ', 'K', 'a\nb', '\n', '{', ']', '.', 'where is A-1001?', 'Straße', 'x😀😀y', '_'],
]

describe('a pattern that is found in one go', () => {
  it.each([
    ...[
      'a',
      'a|b',
      '',
      'a|',
      '(a|b)*c',
      'a+b?',
      '^a',
      'b$',
      '^$',
      '^(a|b)+$',
      '\\ba',
      'a\\b',
      '\\Bb',
      '\\bk\\b',
      '[a-c]+1?',
    ],
    ...[
      '[^a]',
      '[\\]{]',
      '.',
      '.a',
      '\\d',
      '\\D',
      '\\s',
      '\\w{2,3}',
      'a{2}',
      '(ab){2,}',
      'a{0}b',
      'a{0,2}$',
      '(?:a|ab)(?:c|b)',
    ],
    ...[
      '(?<name>a)b',
      'a+?b',
      'a{1,2}?b',
      '\\u0061',
      '\\u{1F600}',
      '\\ud83d\\ude00',
      '[😀]',
      '\\x61',
      '\\p{L}',
      '\\P{L}',
      '\\.',
    ],
    ...[
      'é',
      'SS',
      '\\u017f',
      's',
      'k',
      '\\w',
      '(a*)*',
      '(a*)*b',
      '(a|a?)+b',
      '((a|b)(1|-))+',
      '^.$',
      '\\{',
      '(|a)b',
      'x.+y',
      '(^a|b$)',
    ],
  ])('finds %s where JavaScript finds it', (source) => {
    const pattern = new LinearPattern(source)
    const truth = new RegExp(source, 'iu')
    for (const text of texts) expect([text, pattern.test(text)]).toEqual([text, truth.test(text)])
  })

  it('agrees with JavaScript on patterns that are drawn', () => {
    const rng = new Rng('patterns')
    const pick = <T>(list: readonly T[]) => list[rng.integer(list.length)]!
    const draw = (depth: number): string => {
      if (depth === 0) return pick(['a', 'b', '.', '[ab]', '[^a]', '\\b', '^', '$', '\\w', '1'])
      const kind = rng.integer(4)
      if (kind === 0) return draw(depth - 1) + draw(depth - 1)
      if (kind === 1) return `(?:${draw(depth - 1)}|${draw(depth - 1)})`
      if (kind === 2) return `(${draw(depth - 1)})${pick(['*', '+', '?', '{2}', '{1,3}', '{0,1}', '{2,}', '*?'])}`
      return draw(depth - 1)
    }
    let found = 0
    for (let k = 0; k < 2000; k++) {
      const source = draw(1 + rng.integer(4))
      const text = Array.from({ length: rng.integer(9) }, () => pick(['a', 'b', '1', ' ', 'B'])).join('')
      const truth = new RegExp(source, 'iu').test(text)
      expect([source, text, new LinearPattern(source).test(text)]).toEqual([source, text, truth])
      found += Number(truth)
    }
    expect(found).toBeGreaterThan(400)
    expect(found).toBeLessThan(1900)
  })

  it.each(['(a+)+$', '^(a|a)*$', '(.*)*x', '^(a|aa)+$', '^(\\w+\\s?)*$', '.*.*.*.*=x'])(
    'of which JavaScript would try all ways ends: %s',
    (source) => {
      expect(new LinearPattern(source).test(`${'a'.repeat(20_000)}!`)).toBe(false)
    },
  )

  it.each([
    ['(?=a)', /looks around; write it without/],
    ['a(?!b)', /looks around/],
    ['(?<=a)b', /looks around/],
    ['(?<!a)b', /looks around/],
    ['(a)\\1', /refers back to a group/],
    ['(?<x>a)\\k<x>', /refers back/],
    ['((a{30}){30}){30}', /repeats too much/],
    ['(a', /Unterminated group/],
  ])('refuses %s, and says why', (source, message) => {
    expect(() => new LinearPattern(source)).toThrow(message)
  })
})

it('patterns that may try all ways are told from others', () => {
  for (const source of ['(a+)+', '(a|b)*', '(a*b)*', '(?:a{1,9}){2,}', 'x(y(z?)+)w']) {
    expect([source, mayExplode(patternTree(source))]).toEqual([source, true])
  }
  for (const source of ['a+b*c', '[ab]*', '(abc)+', '(a|b)c?', '(a+){2}', '\\d{3}-\\d+']) {
    expect([source, mayExplode(patternTree(source))]).toEqual([source, false])
  }
})
