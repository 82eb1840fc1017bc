import { describe, expect, it } from 'vitest'
import { crossFit, spanScorerDefaults } from '#agents/writing/fit-span-scorer.js'
import { articleInterval } from '../knowledge/article-interval.js'
import { judgeWriter } from '../knowledge/judge-writer.js'
import { readSquad, xquadPath } from '../knowledge/squad.js'
import { recallOf, squadBase } from '../knowledge/xquad-base.js'

/** XQuAD (English): 240 paragraphs of 48 articles, 1,190 questions. Figures and how they came about: docs/benchmarks.md. */
const path = xquadPath()
const why = path === undefined ? ' (skipped: xquad_en/xquad.en.json is in no data folder)' : ''

describe.skipIf(path === undefined)(`XQuAD${why}`, () => {
  const squad = readSquad(path!)
  const groups = squad.questions.map(({ passage }) => squad.groups[passage]!)
  const recall = recallOf(squadBase(squad), squad)

  it('is all there', () => {
    expect([squad.titles.length, squad.passages.length, squad.questions.length]).toEqual([48, 240, 1190])
    for (const { passage, answer, from } of squad.questions) {
      expect(squad.passages[passage]!.slice(from, from + answer.length)).toBe(answer)
    }
  })

  it('paragraphs and sentences are found by the words of the question', () => {
    expect(recall.paragraphAt1).toBeGreaterThanOrEqual(0.935)
    expect(recall.paragraphAt5).toBeGreaterThanOrEqual(0.986)
    expect(recall.sentenceAt1).toBeGreaterThanOrEqual(0.73)
    const paragraphs = articleInterval(recall.right.map(Number), groups)
    expect(paragraphs.low).toBeGreaterThan(0.91)
    expect(articleInterval(recall.rightSentence.map(Number), groups).low).toBeGreaterThan(0.7)
  })

  it('answers in words of the paragraph found, by a scorer that has not seen the article', {
    timeout: 1_800_000,
  }, () => {
    const answers = crossFit(squad, spanScorerDefaults, { folds: 5, seed: '0', read: recall.found })
    const { exact, f1, confidence, auc, calibrationError } = judgeWriter(squad, answers)
    const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length
    expect(answers).toHaveLength(1190)
    expect(mean(exact)).toBeGreaterThanOrEqual(0.2)
    expect(mean(f1)).toBeGreaterThanOrEqual(0.29)
    expect(articleInterval(exact, groups).low).toBeGreaterThan(0.2)
    expect(articleInterval(f1, groups).low).toBeGreaterThan(0.29)
    expect(auc).toBeGreaterThan(0.72)
    expect(calibrationError).toBeLessThan(0.06)
    expect(Math.abs(mean(confidence) - mean(answers.map((one) => (one.f1 >= 0.5 ? 1 : 0))))).toBeLessThan(0.03)
  })
})
