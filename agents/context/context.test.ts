import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agentRequestSchema, type Passage } from '../contract/agent.js'
import { sentenceSpans } from '../knowledge/sentences.js'
import { termsOf } from '../knowledge/terms.js'
import { agentConformance } from '../testing/agent-conformance.js'
import { testResources } from '../testing/test-resources.js'
import { context } from './context.js'
import { tokenCounter } from './count-tokens.js'
import { packContext } from './pack-context.js'

const passage = (id: string, text: string, score: number): Passage => ({
  ...{ id, text, score, source: { document: id, title: id, from: 50, to: 50 + text.length } },
})
const returns = passage(
  'returns',
  'We sell lamps. Returns are free within 30 days. After that a return costs 5 euros.',
  2,
)
const shipping = passage('shipping', 'Express parcels cost 9 euros. Nobody reads this. A parcel takes two days.', 1)
const request = agentRequestSchema.parse({
  id: 'q',
  question: 'Are returns free, and what does a parcel cost?',
  found: { passages: [returns, shipping] },
})
const words = (text: string) => text.split(/\s+/).length

describe('context', () => {
  agentConformance(() => ({ agent: context.create(context.schema.parse({}), testResources('context')), request }))
})

describe('a packed context', () => {
  it('has the sentences that say most for their tokens, in their order', () => {
    const { pieces, tokens, covered } = packContext(
      request.question,
      [returns, shipping],
      { budget: 11, overhead: 0 },
      words,
    )
    expect(pieces.map(({ text }) => text)).toEqual([
      'Returns are free within 30 days.',
      'Express parcels cost 9 euros.',
    ])
    expect(tokens).toBe(11)
    expect(covered).toBe(1)
    expect(pieces[0]).toMatchObject({ id: 'returns:15', source: { document: 'returns', from: 65, to: 97 } })
  })

  it('fills what is left with the sentences around, neighbours as one piece', () => {
    const { pieces } = packContext(request.question, [returns, shipping], { budget: 100, overhead: 2 }, words)
    expect(pieces).toEqual([returns, shipping])
    expect(packContext('nothing of it', [returns], { budget: 4, overhead: 1 }, words)).toMatchObject({
      pieces: [{ text: 'We sell lamps.' }],
      covered: 0,
    })
  })

  it('is never beyond its budget, and verbatim', async () => {
    const count = await tokenCounter('cl100k_base')
    const sentence = fc.constantFrom(
      'A lamp. ',
      'Free returns? ',
      'It is <|endoftext|> 🙂. ',
      'x'.repeat(50),
      '日本。',
      '\n\n',
    )
    const text = fc.array(sentence, { minLength: 1, maxLength: 12 }).map((parts) => `${parts.join('')}.`)
    fc.assert(
      fc.property(
        fc.array(text, { maxLength: 5 }),
        fc.nat({ max: 80 }),
        fc.nat({ max: 5 }),
        (texts, budget, overhead) => {
          const passages = texts.map((one, k) => passage(`p${k}`, one, 5 - k))
          const { pieces, tokens } = packContext('free lamp', passages, { budget, overhead }, count)
          const all = pieces.reduce((sum, piece) => sum + count(piece.text) + overhead, 0)
          expect(tokens).toBe(all)
          expect(all).toBeLessThanOrEqual(budget)
          for (const piece of pieces) {
            const whole = passages.find(({ source }) => source.document === piece.source.document)!
            const { from, to } = piece.source
            expect(whole.text.slice(from! - 50, to! - 50)).toBe(piece.text)
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('takes what adds most now, each time: as a plain loop that looks at all of them does', () => {
    const word = fc.constantFrom('free', 'lamp', 'return', 'parcel', 'the', 'cost', 'five', 'days')
    const sentence = fc.array(word, { minLength: 1, maxLength: 5 }).map((some) => `The ${some.join(' ')} ends.`)
    const text = fc.array(sentence, { minLength: 1, maxLength: 6 }).map((some) => some.join(' '))
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 3 }), fc.nat({ max: 60 }), (texts, budget) => {
        const passages = texts.map((one, k) => passage(`p${k}`, one, 3 - k))
        const question = 'free lamp return parcel'
        const { pieces } = packContext(question, passages, { budget, overhead: 2 }, words)
        expect(pieces.map(({ id, text: own }) => [id, own])).toEqual(plainly(question, passages, budget, 2))
      }),
      { numRuns: 200 },
    )
  })

  it('says a second thing rather than the same again', () => {
    const twice = passage('twice', 'A lamp shines. A lamp glows bright. Parcels travel.', 1)
    const { pieces } = packContext('lamp and parcels', [twice], { budget: 5, overhead: 0 }, words)
    expect(pieces.map(({ text }) => text)).toEqual(['A lamp shines.', 'Parcels travel.'])
  })

  it('fills its budget to the last token: neighbours share a number, and cost what they cost together', () => {
    // Apart 3 + 3 tokens and two numbers of 10; as one piece 6 tokens and one number.
    const two = passage('two', 'One lamp shines. Two lamps shine.', 1)
    expect(packContext('lamp', [two], { budget: 16, overhead: 10 }, words).tokens).toBe(16)
    expect(packContext('lamp', [two], { budget: 15, overhead: 10 }, words).tokens).toBe(13)
    // A tokeniser for which every seam costs 7 tokens more, and one for which it saves 2.
    const dear = (text: string) => words(text) + 7 * (text.split('. ').length - 1)
    expect(packContext('lamp', [two], { budget: 22, overhead: 10 }, dear).tokens).toBe(13)
    expect(packContext('lamp', [two], { budget: 23, overhead: 10 }, dear).tokens).toBe(23)
    const cheap = (text: string) => words(text) - 2 * (text.split('. ').length - 1)
    expect(packContext('lamp', [two], { budget: 14, overhead: 10 }, cheap).tokens).toBe(14)
  })

  it('counts no text again and again, however long a passage is', () => {
    const long = passage('long', Array.from({ length: 1000 }, (_, k) => `Lamp ${k} costs ${k} euros.`).join(' '), 1)
    let characters = 0
    const counting = (text: string) => {
      characters += text.length
      return words(text)
    }
    const { pieces } = packContext('what does a lamp cost', [long], { budget: 10_000, overhead: 1 }, counting)
    expect(pieces.map(({ text }) => text)).toEqual([long.text])
    // Each sentence alone, with the next, and all once more.
    expect(characters).toBeLessThan(5 * long.text.length)
  })

  it('refuses a budget in which nothing could ever fit', () => {
    expect(() => context.schema.parse({ budget: 8 })).toThrow(/costs 8 tokens beside its text, and the budget is 8/)
    expect(context.schema.parse({ budget: 9 })).toMatchObject({ overhead: 8 })
  })

  it('fails where not even a sentence fits', async () => {
    const agent = context.create(
      context.schema.parse({ budget: 2, overhead: 0, tokeniser: 'characters' }),
      testResources('context'),
    )
    const call = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY, trace: () => {} }
    await expect(agent.handle(request, call)).rejects.toThrow(/fits no sentence of the passages in 2 tokens/)
    await expect(agent.handle({ ...request, found: { passages: [] } }, call)).rejects.toMatchObject({
      outcome: 'unfit',
    })
  })
})

/** The same from its definition: looks at every sentence for each that it takes, and counts all pieces anew. */
function plainly(question: string, passages: readonly Passage[], budget: number, overhead: number): string[][] {
  const all = passages.flatMap((one, p) =>
    sentenceSpans(one.text).map(({ from, to }, place) => ({ p, place, from, to, own: one.text.slice(from, to) })),
  )
  const has = (own: string, term: string) => termsOf(own).includes(term)
  const rarity = new Map(
    [...new Set(termsOf(question))].flatMap((term) => {
      const n = all.filter(({ own }) => has(own, term)).length
      return n === 0 ? [] : [[term, Math.log(1 + (all.length - n + 0.5) / (n + 0.5))] as const]
    }),
  )
  let taken: typeof all = []
  const tried = new Set<(typeof all)[0]>()
  const piecesOf = (some: typeof all) => {
    const runs: { p: number; from: number; to: number; last: number }[] = []
    for (const { p, place, from, to } of all.filter((one) => some.includes(one))) {
      const run = runs.at(-1)
      if (run?.p === p && run.last === place - 1) Object.assign(run, { to, last: place })
      else runs.push({ p, from, to, last: place })
    }
    return runs.map(({ p, from, to }) => ({ p, from, text: passages[p]!.text.slice(from, to) }))
  }
  for (;;) {
    let [next, most] = [null as (typeof all)[0] | null, 0]
    for (const one of all) {
      if (tried.has(one)) continue
      let worth = 0
      for (const [term, weight] of rarity) {
        if (has(one.own, term)) worth += weight * 0.3 ** taken.filter(({ own }) => has(own, term)).length
      }
      const each = (worth + (0.02 * passages[one.p]!.score) / passages[0]!.score) / words(one.own)
      if (each > most) [next, most] = [one, each]
    }
    if (next === null) break
    tried.add(next)
    const pieces = piecesOf([...taken, next])
    if (pieces.reduce((sum, { text }) => sum + words(text) + overhead, 0) <= budget) taken = [...taken, next]
  }
  return piecesOf(taken).map(({ p, from, text }) => {
    const { id, text: whole } = passages[p]!
    return [text === whole ? id : `${id}:${from}`, text]
  })
}
