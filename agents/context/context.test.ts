import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agentRequestSchema, type Passage } from '../contract/agent.js'
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

  it('fails where not even a sentence fits', async () => {
    const agent = context.create(context.schema.parse({ budget: 2, tokeniser: 'characters' }), testResources('context'))
    const call = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY, trace: () => {} }
    await expect(agent.handle(request, call)).rejects.toThrow(/fits no sentence of the passages in 2 tokens/)
    await expect(agent.handle({ ...request, found: { passages: [] } }, call)).rejects.toMatchObject({
      outcome: 'unfit',
    })
  })
})
