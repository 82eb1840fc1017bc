import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { mayFollow } from './bio.js'
import { Chain } from './chain.js'

const names = ['O', 'B-a', 'I-a', 'B-b', 'I-b']
const K = names.length

/** A chain of `length` words with scores drawn from [-size, size). */
function drawn(seed: string, length: number, size: number): Chain {
  const rng = new Rng(seed)
  const legal = names.flatMap((before) => names.map((tag) => Number(mayFollow(before, tag))))
  const chain = new Chain(
    Uint8Array.from(legal),
    Uint8Array.from(names, (tag) => Number(mayFollow(undefined, tag))),
  )
  for (let m = 0; m < K * K; m++) chain.move[m] = size * (2 * rng.uniform() - 1)
  chain.takeMoves()
  chain.begin(length)
  for (let s = 0; s < length * K; s++) chain.score[s] = size * (2 * rng.uniform() - 1)
  return chain
}

/** Every sequence that BIO allows, with its score worked out here. */
function everySequence(chain: Chain): { tags: number[]; score: number }[] {
  let all: { tags: number[]; score: number }[] = [{ tags: [], score: 0 }]
  for (let t = 0; t < chain.length; t++) {
    all = all.flatMap(({ tags, score }) =>
      names.flatMap((name, k) => {
        const before = tags.at(-1)
        if (!mayFollow(before === undefined ? undefined : names[before], name)) return []
        const move = before === undefined ? 0 : chain.move[before * K + k]!
        return [{ tags: [...tags, k], score: score + move + chain.score[t * K + k]! }]
      }),
    )
  }
  return all
}

describe.each([
  ['one word', 'a', 1, 2],
  ['four words', 'b', 4, 2],
  ['five words, large scores', 'c', 5, 30],
])('the sums over all sequences of %s', (_, seed, length, size) => {
  const chain = drawn(seed, length, size)
  const all = everySequence(chain)
  const most = Math.max(...all.map(({ score }) => score))
  const log = most + Math.log(all.reduce((sum, { score }) => sum + Math.exp(score - most), 0))
  const probabilityOf = (holds: (tags: readonly number[]) => boolean) =>
    all.reduce((sum, { tags, score }) => sum + (holds(tags) ? Math.exp(score - log) : 0), 0)

  it('is what enumeration gives', () => {
    expect(chain.sums()).toBeCloseTo(log, 9)
  })

  it('gives the probability of every tag at every word', () => {
    chain.sums()
    for (let t = 0; t < length; t++) {
      for (let k = 0; k < K; k++) {
        expect(chain.marginal[t * K + k]).toBeCloseTo(
          probabilityOf((tags) => tags[t] === k),
          9,
        )
      }
    }
  })

  it('gives the expected number of every move', () => {
    chain.sums()
    const counts = new Float64Array(K * K)
    chain.addMoveCounts(counts)
    for (let j = 0; j < K; j++) {
      for (let k = 0; k < K; k++) {
        let expected = 0
        for (let t = 1; t < length; t++) expected += probabilityOf((tags) => tags[t - 1] === j && tags[t] === k)
        expect(counts[j * K + k]).toBeCloseTo(expected, 9)
      }
    }
  })

  it('gives the probability of every slot', () => {
    chain.sums()
    for (let first = 0; first < length; first++) {
      for (let end = first + 1; end <= length; end++) {
        const isSlot = (tags: readonly number[]) =>
          tags[first] === 1 && tags.slice(first + 1, end).every((k) => k === 2) && tags[end] !== 2
        expect(chain.spanProbability(first, end, 1, 2)).toBeCloseTo(probabilityOf(isSlot), 9)
      }
    }
  })

  it('finds the best sequence, and the score of any', () => {
    const out = new Int32Array(length)
    chain.best(out)
    const best = all.find(({ score }) => score === most)!
    expect([...out]).toEqual(best.tags)
    for (const { tags, score } of all.slice(0, 50)) {
      expect(chain.scoreOf(Int32Array.from(tags))).toBeCloseTo(score, 9)
    }
  })
})

describe('a chain', () => {
  it('has no illegal sequence', () => {
    const chain = drawn('d', 2, 1)
    expect(chain.scoreOf(Int32Array.of(2, 0))).toBe(Number.NEGATIVE_INFINITY)
    expect(chain.scoreOf(Int32Array.of(1, 4))).toBe(Number.NEGATIVE_INFINITY)
    chain.sums()
    expect(chain.marginal[2]).toBe(0)
    expect(chain.spanProbability(0, 1, 2, 2)).toBe(0)
  })

  it('stands scores that no exponential does', () => {
    const chain = drawn('e', 3, 1)
    for (let t = 0; t < 3; t++) chain.score[t * K + 4] = 5000
    expect(Number.isFinite(chain.sums())).toBe(true)
    const total = chain.marginal.slice(K, 2 * K).reduce((sum, p) => sum + p, 0)
    expect(total).toBeCloseTo(1, 9)
    expect(chain.marginal[K + 4]).toBeCloseTo(1, 9)
  })

  it('is used for sentences of any length, one after the other', () => {
    const chain = drawn('f', 6, 1)
    chain.begin(0)
    expect(chain.sums()).toBe(0)
    chain.begin(2)
    expect([...chain.score.subarray(0, 2 * K)]).toEqual(new Array(2 * K).fill(0))
    // 3 beginnings; after O 3 tags, after either B 4.
    chain.move.fill(0)
    chain.takeMoves()
    expect(chain.sums()).toBeCloseTo(Math.log(3 + 4 + 4), 12)
  })
})
