import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readRecordedOutcomes } from '../recorded/recorded-outcomes.js'
import { studySplit } from '../recorded/recorded-study.js'
import { studyLines, summarise } from '../recorded/study-table.js'

const folder = process.env.CADRE_SHARED ?? fileURLToPath(new URL('../../../shared', import.meta.url))
const file = join(folder, 'data', 'xquad_outcomes', 'outcomes.jsonl.gz')

describe('the pipeline on recorded outcomes', () => {
  if (!existsSync(file)) {
    it.skip('skipped: the recordings are not here (set CADRE_SHARED)')
    return
  }
  it('earns more than chains, thresholds and cascades, and as much as always asking the best set of writers', {
    timeout: 600_000,
  }, () => {
    const questions = readRecordedOutcomes(readFileSync(file))
    expect(questions).toHaveLength(1190)
    const results = Array.from({ length: 20 }, (_, k) => studySplit(questions, `split ${k}`))
    const summary = summarise(results)
    const { earned, predicted, over, crossReplay, crossReplayBias } = summary
    expect(earned['hand over']).toBe(4)
    expect(over['best fixed choice']!.mean).toBeGreaterThanOrEqual(0.4)
    expect(over['best fixed choice']!.above).toBeGreaterThanOrEqual(18)
    expect(over.threshold!.mean).toBeGreaterThanOrEqual(0.2)
    expect(over.cascade!.mean).toBeGreaterThanOrEqual(0.1)
    expect(over['fixed set']!.mean).toBeGreaterThanOrEqual(-0.1)
    // The literal instance promises far more than it earns; cross-replay doesn't.
    expect(predicted.literal! - earned.literal!).toBeGreaterThan(0.6)
    expect(Math.abs(crossReplayBias)).toBeLessThanOrEqual(0.15)
    expect(crossReplay).toBeCloseTo(earned.calibrated! + crossReplayBias, 9)
    expect(earned.oracle).toBeGreaterThan(7)
    expect(studyLines(summary)).toContainEqual(expect.stringMatching(/^calibrated +\d\.\d\d +\d\.\d\d +\d\.\d\d$/))
    // The same split gives the same numbers.
    expect(studySplit(questions, 'split 0')).toEqual(results[0])
  })
})
