import { expect, it } from 'vitest'
import { formatBytes } from './format-bytes.js'

it('gives three digits in the unit that they belong to', () => {
  const sizes = [0, 1, 999, 1000, 1234, 12_345, 999_400, 999_600, 1e6, 999.6e6, 1.5e9, 2e12, 12_345e12]
  expect(sizes.map(formatBytes)).toEqual([
    '0 bytes',
    '1 byte',
    '999 bytes',
    '1.00 kB',
    '1.23 kB',
    '12.3 kB',
    '999 kB',
    '1.00 MB',
    '1.00 MB',
    '1.00 GB',
    '1.50 GB',
    '2.00 TB',
    '12345 TB',
  ])
})
