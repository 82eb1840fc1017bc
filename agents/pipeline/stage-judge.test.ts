import { describe, expect, it } from 'vitest'
import { agentRequestSchema } from '../contract/agent.js'
import { ConfidenceJudge, type Given } from './stage-judge.js'

const request = agentRequestSchema.parse({ id: 'q', question: 'x' })
const said = (agent: number, confidence: number): Given => ({
  agent,
  answer: { found: { drafts: [] }, confidence, costUsd: 0, provenance: [] },
})
const nothing = (agent: number): Given => ({ agent, answer: { found: {}, confidence: 0, costUsd: 0, provenance: [] } })

describe('grades by confidence', () => {
  const judge = new ConfidenceJudge([
    [0.4, 0.8],
    [0.4, 0.8],
  ])
  const all = (given: readonly Given[]) =>
    given.reduce<ReturnType<typeof judge.judge> | null>((before, _, k) => {
      const { grade, kept } = judge.judge(request, given.slice(0, k + 1), before)
      return { kept, grade: Math.max(grade, before?.grade ?? 0) }
    }, null)!

  it('keep the better, and the earlier of equal ones', () => {
    expect(all([said(0, 0.5), said(1, 0.9)])).toEqual({ kept: 1, grade: 2 })
    expect(all([said(0, 0.9), said(1, 0.5)])).toEqual({ kept: 0, grade: 2 })
    expect(all([said(0, 0.1), said(1, 0.2)])).toEqual({ kept: 0, grade: 0 })
  })

  it('keep an answer rather than nothing of the same grade, whichever came first', () => {
    expect(all([nothing(0), said(1, 0.2)])).toEqual({ kept: 1, grade: 0 })
    expect(all([said(0, 0.2), nothing(1)])).toEqual({ kept: 0, grade: 0 })
  })
})
