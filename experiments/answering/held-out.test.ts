import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Part, wordingOf } from './conversations.js'
import { customerService, readShop, unseenConversations } from './make-customer-service.js'

/** A wording in lower case, without what marks and spaces make of it. */
function normal(wording: string): string {
  return (wording.toLowerCase().match(/[\p{L}\p{N}{}]+/gu) ?? []).join(' ')
}

describe('wordings that the customer service is judged on', () => {
  const { phrases, shop } = readShop()
  const said = (part: Part) =>
    Object.values(phrases).flatMap((one) => one[part].map((phrase) => normal(wordingOf(phrase))))

  it('stand neither in what it has learned nor in what it was tuned on, nor twice', () => {
    const known = new Set([...said('train'), ...said('development')])
    const heldOut = said('heldOut')
    expect(heldOut.filter((wording) => known.has(wording))).toEqual([])
    expect(new Set(heldOut).size).toBe(heldOut.length)
    expect(said('development').filter((wording) => said('train').includes(wording))).toEqual([])
    expect(normal('  Where IS my order, {order}?! ')).toBe('where is my order {order}')
  })

  it('are at least 120, some of each intent', () => {
    const conversations = unseenConversations('heldOut')
    expect(conversations.length).toBeGreaterThanOrEqual(120)
    const count = Object.keys(phrases).map((intent) => conversations.filter((one) => one.intent === intent).length)
    expect(Math.min(...count)).toBeGreaterThanOrEqual(4)
  })

  it('have right answers that the shop knows', () => {
    const folder = join(customerService, 'documents')
    const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
    const known = JSON.stringify([shop, texts])
    for (const { answer, intent } of unseenConversations('heldOut')) {
      expect(answer.length > 0).toBe(!phrases[intent]!.human)
      for (const piece of answer) expect(known).toContain(piece)
    }
  })

  it('are frozen: they were written before the team was judged on them, and others need a file of their own', () => {
    const wordings = Object.entries(phrases).map(([intent, { heldOut }]) => [intent, heldOut])
    const sum = createHash('sha256').update(JSON.stringify(wordings)).digest('hex')
    expect(sum).toBe('855b3014007aea5116e86fbe49e62b3daa8fce158e0617acd6e10565f5088f0f')
  })
})
