import { expect, it } from 'vitest'
import { retryAfterOf } from './retry-after.js'

const now = Date.parse('2026-01-01T00:00:00Z')

it.each([
  [{}, null],
  [{ 'retry-after': '2' }, 2000],
  [{ 'retry-after': ' 0.5 ' }, 500],
  [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:03 GMT' }, 3000],
  [{ 'retry-after': 'Thu, 01 Jan 2015 00:00:03 GMT' }, 0],
  [{ 'retry-after-ms': '1234' }, 1234],
  [{ 'retry-after-ms': '1234', 'retry-after': '9' }, 1234],
  [{ 'retry-after-ms': '-5', 'retry-after': '9' }, 9000],
  [{ 'retry-after': '999999999999' }, 86_400_000],
  // Neither seconds nor a date: not a wait of 0, nor of a year that a lenient parser makes of it.
  [{ 'retry-after': 'soon' }, null],
  [{ 'retry-after': '-1' }, null],
  [{ 'retry-after': '120, 60' }, null],
  [{ 'retry-after': ['120', '60'] }, null],
  [{ 'retry-after': '2026' }, 2_026_000],
  [{ 'retry-after': '1e3' }, null],
  [{ 'retry-after': 'Jan 1 2027' }, null],
])('%j asks for %s ms', (headers, expected) => {
  expect(retryAfterOf(headers, now)).toBe(expected)
})
