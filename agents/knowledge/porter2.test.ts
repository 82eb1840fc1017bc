import { describe, expect, it } from 'vitest'
import { stem } from './porter2.js'
import { porter2Stems } from './testing/porter2-stems.js'

describe('Porter2', () => {
  it('gives the stems of the original', () => {
    expect(porter2Stems.length).toBeGreaterThan(300)
    expect(porter2Stems.map(([word]) => [word, stem(word)])).toEqual(porter2Stems)
  })

  it('leaves other scripts, numbers and words of two letters as they are', () => {
    expect(['is', '1990s', 'größe', '日本', ''].map(stem)).toEqual(['is', '1990s', 'größe', '日本', ''])
  })
})
