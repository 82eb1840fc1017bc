import { describe, expect, it } from 'vitest'
import { readSquad, xquadPath } from '../knowledge/squad.js'
import { type XquadPlay, type XquadSplit, xquadSplit } from './xquad-live.js'
import { xquadStages } from './xquad-team.js'

const path = xquadPath()
const why = path === undefined ? ' (skipped: xquad_en/xquad.en.json is in no data folder)' : ''

describe.skipIf(path === undefined)(`a team over XQuAD, live${why}`, () => {
  it('earns what a replay of its log predicts, more than people or rules, and less than its tables promise', {
    timeout: 1_800_000,
  }, async () => {
    const squad = readSquad(path!)
    const stages = xquadStages(squad)
    const splits: XquadSplit[] = []
    for (const seed of ['split 0', 'split 1', 'split 2', 'split 3']) splits.push(await xquadSplit(squad, stages, seed))
    const mean = (of: (split: XquadSplit) => number) => splits.reduce((sum, one) => sum + of(one), 0) / splits.length
    const earned = (name: string) => mean(({ plays }) => plays.find((play) => play.name === name)!.judged.utility)
    const [optimum] = splits.map(({ plays }) => plays[0]!) as [XquadPlay, ...XquadPlay[]]
    expect(optimum.name).toBe('optimal')
    expect(Math.abs(mean(({ crossReplay }) => crossReplay) - earned('optimal'))).toBeLessThan(0.2)
    expect(earned('optimal')).toBeGreaterThan(4.05)
    expect(earned('optimal')).toBeGreaterThan(earned('cheapest') + 0.3)
    expect(earned('optimal')).toBeGreaterThan(earned('best-chain') + 0.3)
    expect(earned('hand-over')).toBeCloseTo(4, 12)
    expect(mean(({ promised }) => promised)).toBeGreaterThan(earned('optimal'))
    for (const { judged, exact, f1 } of splits.flatMap(({ plays }) => plays.slice(0, -1))) {
      // What was earned is what was right, handed over and paid, added up.
      expect(judged.utility).toBeCloseTo(
        10 * judged.answered * judged.right + 4 * judged.handedOver - judged.costUsd,
        9,
      )
      expect(exact).toBeGreaterThan(0.18)
      expect(f1).toBeGreaterThan(exact)
      expect(judged.conversations).toBeGreaterThan(500)
    }
  })
})
