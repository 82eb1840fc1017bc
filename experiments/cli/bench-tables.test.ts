import { expect, it } from 'vitest'
import type { BenchResult } from '../bench.js'
import { benchTables } from './bench-tables.js'

const row = (policy: string, environment: string, score: number): BenchResult['rows'][number] => ({
  policy,
  environment,
  observes: 'global',
  messages: 0,
  episodes: 100,
  score,
  low: score - 1,
  high: score + 1,
  regret: 0.1,
  cost: null,
  latencyP95: null,
  decisionsPerSecond: 1000,
  inSample: false,
})
const value = (value: number) => ({ value, low: value - 0.1, high: value + 0.1 })

it('prints differences of pairs, and aggregates with what they leave out', () => {
  const lines = benchTables({
    rows: [row('good', 'lake', 9), row('poor', 'lake', 4), row('good', 'pond', 8)],
    differences: [
      {
        environment: 'lake',
        policy: 'poor',
        against: 'good',
        difference: -5,
        low: -6,
        high: -4,
        improvement: value(0.2),
      },
    ],
    aggregate: {
      environments: ['lake', 'pond'],
      against: 'good',
      policies: [
        { policy: 'good', iqm: value(0.9), difference: null, improvement: null, profile: [{ above: 0.5, share: 1 }] },
        {
          policy: 'poor',
          iqm: value(0.4),
          difference: value(-0.5),
          improvement: value(0.2),
          profile: [{ above: 0.5, share: 0.5 }],
        },
      ],
      leftOut: { environments: ['sea'], policies: ['other'] },
    },
  })
  const text = lines.join('\n')
  expect(text).toMatch(/^lake +poor +good +-5.0000 +\[-6.0000, -4.0000\] +20.0% +\[10.0%, 30.0%\]$/m)
  expect(text).toContain('Over 2 environments (lake, pond), normalised: 0 acts at random, 1 is the optimum')
  expect(text).toMatch(/^policy +IQM +95% interval +against good +95% interval +ahead in +> 0.5$/m)
  expect(text).toMatch(/^good +0.900 +\[0.800, 1.000\] +100.0%$/m)
  expect(text).toMatch(/^poor +0.400 +\[0.300, 0.500\] +-0.500 +\[-0.600, -0.400\] +20.0% +50.0%$/m)
  expect(text).toContain('left out, without a known optimum or a second policy: sea')
  expect(text).toContain('left out, not in all of these: other')
})

it('says why there is nothing over all environments, and prints no interval of too few episodes', () => {
  const few = { ...row('good', 'lake', 9), low: null, high: null }
  const text = benchTables({ rows: [few, row('good', 'pond', 8)], differences: [], aggregate: null }).join('\n')
  expect(text).toContain('Nothing over all environments: that takes two policies')
  expect(text).toMatch(/^lake .* 9.0000 +- +10.0%/m)
  expect(benchTables({ rows: [few], differences: [], aggregate: null }).join('\n')).not.toContain('Nothing over all')
})
