import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { DecisionFields, FeedbackFields, OutcomeFields } from './log-kinds.js'
import { readLog } from './read-log.js'

const time = '2026-11-28T12:00:00.000Z'
const line = (kind: string, fields: object) => `${JSON.stringify({ format: 'cadre-log/2', kind, time, ...fields })}\n`

const decision = (request: string, step = 0): DecisionFields => ({
  ...{ request, episode: request, step, waitedMs: 1.5, team: 't', key: null, model: 'cadre' },
  policy: { name: 'linear-q', sha256: 'ab', version: '1' },
  state: { numbers: null, features: null, text: { sha256: 'cd', characters: 3, read: 3 } },
  ...{ actions: ['a', 'b'], legal: [true, false], scores: [0.5, null], propensities: [1, 0] },
  ...{ choice: 'a', by: 'linear-q', reason: 'policy', epsilon: 0, seed: 7 },
})
const outcome = (request: string): OutcomeFields => ({
  ...{ request, ended: 'answered', agent: 'a', status: 200, code: null, ms: 12, firstTokenMs: 3 },
  ...{ promptTokens: 1, completionTokens: 2, costUsd: null },
  attempts: [{ agent: 'a', outcome: 'answered', ms: 10, status: 200, detail: null }],
})
const feedback = (request: string, source: string, score: number): FeedbackFields => ({
  ...{ request, source, score, label: null, comment: null, key: null, known: true },
})

/** A line as gateways before `cadre-log/2` wrote it. */
const first = {
  format: 'cadre-decision/1',
  ...{ id: 'old', time, team: 't', key: 'ci' },
  policy: { name: 'linear-q', sha256: 'ab', version: '1' },
  state: {
    ...{ sha256: 'cd', characters: 9, encoder: { id: 'tfidf', version: '1' }, nonzero: 2 },
    ...{ index: [3, 5], value: [0.25, 0.5] },
  },
  ...{ model: 'cadre', epsilon: 0.1 },
  candidates: [
    { agent: 'a', score: 0.5, callable: true, propensity: 0.95 },
    { agent: 'b', score: null, callable: false, propensity: 0.05 },
  ],
  ...{ choice: 'a', reason: 'explored' },
  attempts: [{ agent: 'a', outcome: 'answered', ms: 10, status: 200 }],
  outcome: {
    ...{ kind: 'answered', agent: 'a', status: 200, code: null, ms: 1500, firstTokenMs: 3 },
    ...{ promptTokens: 1, completionTokens: 2, costUsd: 0.25 },
  },
}

describe('readLog', () => {
  it('joins what is said of a request', () => {
    const text = [
      line('decision', decision('r1')),
      line('decision', decision('r2')),
      line('decision', decision('r1', 1)),
      line('feedback', feedback('r1', 'user', 0.25)),
      line('outcome', outcome('r1')),
      line('feedback', feedback('r1', 'grader', 1)),
      line('feedback', feedback('r1', 'user', 0.75)),
      line('outcome', outcome('r3')),
      line('feedback', feedback('long-ago', 'user', 0)),
    ].join('')
    const { records, requests, strayFeedback, problems, torn } = readLog(text)
    expect([problems, torn]).toEqual([[], null])
    expect(records.map(({ kind, line: at }) => `${at} ${kind}`).slice(0, 4)).toEqual([
      '1 decision',
      '2 decision',
      '3 decision',
      '4 feedback',
    ])
    expect([...requests.keys()]).toEqual(['r1', 'r2', 'r3'])
    expect(requests.get('r1')).toEqual({
      request: 'r1',
      decisions: [decision('r1'), decision('r1', 1)],
      outcome: outcome('r1'),
      feedback: [feedback('r1', 'user', 0.75), feedback('r1', 'grader', 1)],
      fate: 'ended',
    })
    expect(requests.get('r2')).toMatchObject({ outcome: null, feedback: [], fate: 'interrupted' })
    expect(requests.get('r3')).toMatchObject({ decisions: [], fate: 'undecided' })
    expect(strayFeedback).toEqual([feedback('long-ago', 'user', 0)])
  })

  it('reads the first format, beside the second', () => {
    const gap = { format: 'cadre-decision/1', lost: 3, from: time, to: time }
    const { records, requests, problems } = readLog(
      `${JSON.stringify(first)}\n${JSON.stringify(gap)}\n${line('decision', decision('new'))}`,
    )
    expect(problems).toEqual([])
    expect(records.map((record) => [record.kind, record.line, record.time])).toEqual([
      ['decision', 1, time],
      ['outcome', 1, '2026-11-28T12:00:01.500Z'],
      ['gap', 2, time],
      ['decision', 3, time],
    ])
    expect(records[2]!.fields).toEqual({ what: 'unwritten', count: 3, from: time, to: time })
    expect(requests.get('old')).toEqual({
      request: 'old',
      decisions: [
        {
          ...{ request: 'old', episode: 'old', step: 0, waitedMs: 0, team: 't', key: 'ci', model: 'cadre' },
          policy: first.policy,
          state: {
            numbers: null,
            features: { encoder: { id: 'tfidf', version: '1' }, index: [3, 5], value: [0.25, 0.5] },
            text: { sha256: 'cd', characters: 9, read: 9 },
          },
          ...{ actions: ['a', 'b'], legal: [true, false], scores: [0.5, null], propensities: [0.95, 0.05] },
          ...{ choice: 'a', by: 'exploration', reason: 'explored', epsilon: 0.1, seed: null },
        },
      ],
      outcome: { ...outcome('old'), ms: 1500, costUsd: 0.25 },
      feedback: [],
      fate: 'ended',
    })
  })

  it.each([
    ['{"format":', 'expected a JSON object, got "{\\"format\\":"'],
    ['[1]', 'expected a JSON object, got "[1]"'],
    ['null', 'expected a JSON object, got "null"'],
    ['{"kind":"decision"}', 'expected format "cadre-log/2" or "cadre-decision/1", got none; is this a decision log?'],
    [
      '{"format":"cadre-log/3"}',
      'expected format "cadre-log/2" or "cadre-decision/1", got "cadre-log/3"; is this a decision log?',
    ],
    [line('tick', {}).trimEnd(), 'expected a kind of decision, outcome, feedback, gap, health, got "tick"'],
    [line('__proto__', {}).trimEnd(), 'expected a kind of decision, outcome, feedback, gap, health, got "__proto__"'],
    [
      line('gap', { time: 'today' }).trimEnd(),
      'time: expected a date and time as 2026-01-31T12:00:00.000Z, got "today"',
    ],
    [line('outcome', { ...outcome('r'), ms: -1 }).trimEnd(), 'ms: Too small: expected number to be >=0'],
    [JSON.stringify({ ...first, epsilon: 2 }), 'epsilon: Too big: expected number to be <=1'],
  ])('%#: tells of a malformed line where it stands, and reads on', (bad, message) => {
    const { records, problems, torn } = readLog(
      `${line('decision', decision('r1'))}\n${bad}\n${line('outcome', outcome('r1'))}`,
    )
    expect(problems).toEqual([{ line: 3, message }])
    expect(records.map(({ kind, line: at }) => [kind, at])).toEqual([
      ['decision', 1],
      ['outcome', 4],
    ])
    expect(torn).toBeNull()
  })

  it('tells a torn last line from a malformed one', () => {
    const text = line('decision', decision('r1')) + line('outcome', outcome('r1')).slice(0, 40)
    expect(readLog(text)).toMatchObject({ problems: [], torn: { line: 2, characters: 40 } })
    expect(readLog(text).requests.get('r1')!.fate).toBe('interrupted')
    expect(readLog('')).toMatchObject({ records: [], problems: [], torn: null })
  })

  it('reads parts as they come, wherever they are cut', () => {
    const text = `${line('decision', decision('r1')) + line('outcome', outcome('r1'))}{"torn`
    const parts = [...text]
    expect(readLog(parts)).toEqual(readLog(text))
  })

  it('tells of a request that ends twice', () => {
    const text = line('decision', decision('r1')) + line('outcome', outcome('r1')).repeat(2)
    expect(readLog(text).problems).toEqual([{ line: 3, message: 'request r1 has ended before, in line 2' }])
  })

  it('knows further kinds by their schemas, and fields that were added later', () => {
    const tick = line('tick', { tick: 3 })
    const { records, problems } = readLog(tick + line('decision', { ...decision('r1'), later: 1 }), {
      tick: z.object({ tick: z.int() }),
    })
    expect(problems).toEqual([])
    expect(records[0]).toEqual({ kind: 'tick', fields: { tick: 3 }, time, line: 1 })
    expect(records[1]!.fields).toEqual(decision('r1'))
  })
})
