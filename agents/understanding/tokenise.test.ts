import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classOf, spaceCharacter } from '#env/encoding/characters.js'
import { isSign, tokenise, wordForm } from './tokenise.js'

const spaces = (text: string) => [...text].every((sign) => (classOf(sign.codePointAt(0)!) & spaceCharacter) !== 0)
const wordsOf = (text: string) => tokenise(text).map((token) => token.text)

describe('tokenise', () => {
  it.each([
    ['Book a table, please!', ['Book', 'a', 'table', ',', 'please', '!']],
    ["what's on at 7:30?", ['what', "'s", 'on', 'at', '7:30', '?']],
    ['the r&b top-20 (3.5 stars) of a.b@c.org', ['the', 'r&b', 'top-20', '(', '3.5', 'stars', ')', 'of', 'a.b@c.org']],
    ['$1,000 and one,two #42', ['$', '1,000', 'and', 'one', ',', 'two', '#', '42']],
    ['rock - roll. Yes', ['rock', '-', 'roll', '.', 'Yes']],
    ["'quoted' isn\u2019t", ["'", 'quoted', "'", 'isn', '\u2019t']],
    ['cafe\u0301 \u00e9t\u00e9', ['cafe\u0301', '\u00e9t\u00e9']],
    ['東京の天気', ['東', '京', 'の', '天', '気']],
    ['東京2024年 in 東京', ['東', '京', '2024', '年', 'in', '東', '京']],
    ['🙂 ok', ['🙂', 'ok']],
    [' \t\n', []],
  ])('cuts %j', (text, words) => {
    expect(wordsOf(text)).toEqual(words)
  })

  it('says where each word stands, and leaves nothing but spaces', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        let end = 0
        for (const token of tokenise(text)) {
          expect(text.slice(token.from, token.to)).toBe(token.text)
          expect(token.text.length).toBeGreaterThan(0)
          expect(spaces(text.slice(end, token.from))).toBe(true)
          end = token.to
        }
        expect(spaces(text.slice(end))).toBe(true)
      }),
    )
  })
})

describe('wordForm', () => {
  it.each([
    ['Boston', 'boston'],
    ["'S", 's'],
    ['\u2019s', 's'],
    ["'", "'"],
    ['Cafe\u0301', 'caf\u00e9'],
    ['a\ud83d', 'a\ufffd'],
  ])('of %j is %j', (word, form) => {
    expect(wordForm(word)).toBe(form)
  })

  it('tells signs from words', () => {
    expect(['?', '...', '🙂', "'"].map(isSign)).toEqual([true, true, true, true])
    expect(['a', '7', '東', '_', "'s"].map(isSign)).toEqual([false, false, false, false, false])
  })
})
