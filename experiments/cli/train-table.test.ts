import { describe, expect, it } from 'vitest'
import { formatCount, formatDuration, formatPercent, formatScore } from './format-number.js'
import { trainTable } from './train-table.js'

describe('trainTable', () => {
  it('aligns learners and what they are held against', () => {
    const row = { algorithm: 'joint-action-q', environment: 'full', seeds: 10 }
    const table = trainTable(
      [
        { ...row, iqm: 71.5, low: 71.25, high: 71.75, normalised: 0.981, regret: 0.019 },
        { ...row, algorithm: 'q', environment: 'coin', iqm: 1, low: 1, high: 1, normalised: null, regret: null },
      ],
      {
        environments: {
          full: {
            optimum: 72.37177,
            random: 24.77698,
            method: 'exact',
            bestLocal: { value: 65.1847, starts: [65.1847] },
            policies: [{ name: 'best-margin', value: 65.8474, normalised: 0.8629, regret: 0.1371 }],
          },
        },
      },
    )
    expect(table).toEqual([
      'full (optimum 72.372, random 24.777, exact values)',
      '  algorithm                  seeds  return (IQM)  95% interval      normalised  regret',
      '  joint-action-q                10        71.500  [71.250, 71.750]       0.981    1.9%',
      '  (best local policy found)               65.185                         0.849   15.1%',
      '  (best-margin)                           65.847                         0.863   13.7%',
      '',
      'coin',
      '  algorithm                  seeds  return (IQM)  95% interval      normalised  regret',
      '  q                             10        1.0000  [1.0000, 1.0000]           -       -',
    ])
  })
})

describe('numbers', () => {
  it('are short', () => {
    expect([0, 999, 12_345, 1_234_567, 2e9].map(formatCount)).toEqual(['0', '999', '12.3 k', '1.23 M', '2.00 G'])
    // Where three digits round up to the next unit, at its ends and beyond the last.
    expect([9999.4, 9999.6, 99_960, 999_499, 999_600, 999_600_000, 1.5e13].map(formatCount)).toEqual([
      '9999',
      '10.0 k',
      '100 k',
      '999 k',
      '1.00 M',
      '1.00 G',
      '15000 G',
    ])
    expect([0, 1, -72.371772, 123456, 1e7, 1e-5].map(formatScore)).toEqual([
      '0',
      '1.0000',
      '-72.372',
      '123456',
      '1.000e+7',
      '1.000e-5',
    ])
    expect([formatPercent(0.0174), formatPercent(null)]).toEqual(['1.7%', '-'])
    expect([0, 41.2, 3600 + 61, Number.NaN].map(formatDuration)).toEqual(['0:00', '0:42', '1:01:01', '-'])
  })
})
