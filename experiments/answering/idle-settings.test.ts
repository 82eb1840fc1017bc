import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError } from '#env/errors.js'
import { loadAnsweringTeam } from './load-answering-team.js'
import { customerService } from './make-customer-service.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-idle-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'team.yaml')
let text = ''
beforeAll(() => {
  cpSync(customerService, folder, { recursive: true })
  text = readFileSync(file, 'utf8')
})

/** What is wrong with the customer service, changed. */
async function problemsWith(...changes: readonly (readonly [string | RegExp, string])[]): Promise<string[]> {
  let changed = text
  for (const [old, anew] of changes) {
    expect(changed).toMatch(old)
    changed = changed.replace(old, anew)
  }
  writeFileSync(file, changed)
  try {
    const { stages } = await loadAnsweringTeam(file, { env: {} })
    await Promise.all(stages.flatMap(({ members }) => members.map(({ agent }) => agent.close?.())))
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.message.split('\n').map((line) => line.slice(folder.length + 1))
  }
}

const extract = 'write/extract: { use: extractive, answer: sentence, read: 2 }'

describe('settings of a team that would have no effect are refused', () => {
  it('as it ships it has none', async () => {
    expect(await problemsWith()).toEqual([])
  })

  it.each([
    [[/words: \[24, 3\]/, 'words: [24, 24]'], /pipeline\.words: expected numbers that fall/],
    [
      [extract, extract.replace(' }', ', bounds: [0.5, 0.5] }')],
      /bounds: expected 2 confidences that rise, got 0.5, 0.5/,
    ],
    [[extract, extract.replace(' }', ', bounds: [0.5, 1.5] }')], /bounds\.1: expected a number in \[0, 1\], got 1.5/],
    [['{ticket}.', '{tickt}.'], /handOver\.text: unknown field "tickt"; did you mean "ticket"/],
    [['ask: Which order', 'ask: Which {order}'], /pipeline\.ask: {order}: nothing is put into this text/],
    [
      ['policy: { use: optimal }', 'policy: { use: optimal }\nlog: { text: true }'],
      /log\.text: decisions of a pipeline keep no text/,
    ],
    [['policy: { use: optimal }', 'policy: { use: optimal }\ndeadlineMs: 5000'], null],
    [
      [extract, extract.replace(' }', ', timeoutMs: 999999 }')],
      /timeoutMs: expected at most deadlineMs \(120000\), got 999999/,
    ],
    [['  words: [24, 3]', '  words: [24, 3]\n  maxCostUsd: 0'], null],
    [
      ['types: [track_order,', 'types: [trak_order,'],
      /types\.0: no agent of the team finds it: unknown intent "trak_order".*did you mean "track_order"/,
    ],
    [
      ['types: [refund_status,', 'types: [track_order, refund_status,'],
      /billing\.types\.0: "track_order" is served by orders already/,
    ],
    [
      ["            track_order: 'Your", "            track_ordr: 'Your"],
      /answers\.track_ordr: no agent of the team finds it: unknown intent "track_ordr"/,
    ],
    [
      ['slot: order\n          answers', 'slot: ordre\n          answers'],
      /orders\.slot: no agent of the team finds it: unknown slot "ordre"/,
    ],
    [
      ['track_order: [order]', 'track_order: [oder]'],
      /needs\.track_order\.0: no agent of the team finds it: unknown slot "oder"/,
    ],
    [['{status}.', '{state}.'], /answers\.track_order: unknown field "state"/],
    [
      ["- { slot: order, shape: 'x-0000' }", '- { slot: order }'],
      /slots\.0: nothing fills it; give it words, a shape, or both/,
    ],
    [
      [
        'retrieve/keywords: { use: keywords, documents: [./documents], top: 3, asUnderstood: true }',
        'retrieve/keywords: { use: keep }',
      ],
      /agents\.retrieve\/keywords: needs drafts, which no agent of an earlier stage finds/,
    ],
    [
      [
        'retrieve/keywords: { use: keywords, documents: [./documents], top: 3, asUnderstood: true }',
        'retrieve/keywords: { use: context }',
      ],
      /agents\.retrieve\/keywords: needs passages, which no agent of an earlier stage finds/,
    ],
    [
      ["pattern: 'my order|", "pattern: '(?=my) order|"],
      /looks\.2\.pattern: \(\?=\.\.\.\) looks around; write it without/,
    ],
  ] as const)('%j', async (change, message) => {
    const problems = await problemsWith(change as readonly [string | RegExp, string])
    if (message === null) expect(problems).toEqual([])
    else {
      expect(problems.join('\n')).toMatch(message)
      for (const problem of problems) expect(problem).toMatch(/^team\.yaml:\d+:\d+: /)
    }
  })

  it('agents that would never be called: too slow for the deadline, too dear for the budget', async () => {
    const instance = readFileSync(join(folder, 'instance.yaml'), 'utf8')
    try {
      writeFileSync(
        join(folder, 'instance.yaml'),
        instance.replace(/price: [\d.e-]+/, 'price: 2').replace(/latencyS: [\d.e-]+/, 'latencyS: 500'),
      )
      expect((await problemsWith()).join()).toMatch(/understand\/rules: it takes 500000 ms .* never called/)
      const dear = await problemsWith(['  words: [24, 3]', '  words: [24, 3]\n  maxCostUsd: 1'])
      expect(dear.join()).toMatch(/maxCostUsd: understand\/rules costs 2 by the environment, more than 1/)
    } finally {
      writeFileSync(join(folder, 'instance.yaml'), instance)
    }
  })
})
