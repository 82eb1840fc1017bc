import { describe, expect, it } from 'vitest'
import { ask } from '../answering/ask.js'
import { judgeCustomerService } from '../answering/judge-customer-service.js'
import { unseenConversations } from '../answering/make-customer-service.js'
import { openTeam } from '../answering/open-team.js'

describe('the customer service that ships with Cadre', { timeout: 300_000 }, () => {
  it('earns on the wordings it was tuned on about what its settings promise, more than rules and people alone', async () => {
    const conversations = unseenConversations('development')
    const results = await judgeCustomerService(conversations)
    const by = Object.fromEntries(results.map((result) => [result.name, result]))
    const { predicted, judged } = by.optimal!
    expect(by['hand-over']!.judged.utility).toBe(4)
    const bestRule = Math.max(
      ...results.flatMap(({ name, judged: { utility } }) => (name === 'optimal' ? [] : [utility])),
    )
    expect(judged.utility).toBeGreaterThan(bestRule + 0.5)
    expect(Math.abs(judged.utility - predicted!)).toBeLessThan(2.58 * judged.error)
    expect(judged.right).toBeGreaterThan(0.75)
    expect(judged.asked).toBeGreaterThan(0.05)
  })

  it.each([
    ['where is my order A-1001', 'answer', /A-1001 \(Lumen desk lamp\) is being packed/],
    ['how much is the Aero kettle', 'answer', /Aero kettle costs 64\.00 EUR/],
    ['where is my order A-1001 and how much is the Aero kettle', 'answer', /being packed.*64\.00 EUR/],
    ['where is my order', 'ask', /Which order or product/],
    ['what does express delivery cost', 'answer', /12\.90 EUR/],
    ['let me talk to somebody who is in charge', 'handOver', /colleague/],
  ])('%s: %s', async (question, kind, text) => {
    const open = await openTeam('customer-service', {})
    const { document } = await ask(open, [{ role: 'user', text: question }], null, true)
    expect(document).toMatchObject({ kind, text: expect.stringMatching(text) })
    if (kind === 'answer') expect(document.provenance.length).toBeGreaterThan(0)
    expect(document.explanation!.steps.length).toBeGreaterThan(0)
  })
})
