import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { readRun } from '#results/store/run-data.js'
import { train } from '../code-first.js'

const outDir = mkdtempSync(join(tmpdir(), 'cadre-maps-'))
afterAll(() => rmSync(outDir, { recursive: true }))

it('a run on a grid records what its report draws: V* and V of each state, as its scores say', async () => {
  const { run, report } = await train(
    {
      name: 'lake',
      discount: 0.99,
      steps: 2000,
      seeds: 2,
      evaluation: { points: 1 },
      environments: { 'frozen-lake': {} },
      algorithms: { 'independent-q': {} },
      references: { optimum: true },
    },
    { outDir, workers: 0 },
  )
  const { trials, references } = readRun(run)
  const { optimum, maps } = references!.environments['frozen-lake']!
  // The agent starts in the first cell.
  expect(maps![0]!.value[0]![0]).toBe(optimum)
  for (const { policyView, result } of trials) {
    expect(policyView!.panels[0]!.value![0]![0]).toBeCloseTo(result!.final!, 7)
  }
  expect(readFileSync(report!, 'utf8')).toContain('Optimal: V* and the best actions')
})
