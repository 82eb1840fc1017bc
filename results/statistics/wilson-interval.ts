import { ShapeError } from '#env/errors.js'
import type { Interval } from './bootstrap.js'

/** 97.5% quantile of the normal distribution. */
const z = 1.959963984540054

/**
 * 95% interval of a share (Wilson 1927, score interval). Right at the edges, where drawing again would say that nothing else is possible:
 * of 10 of 10 it is .722 to 1.
 * @param successes - 0..count; scores between 0 and 1 may be added up
 * @param count - of trials that have nothing to do with each other; 0: nothing is known, 0 to 1
 * @throws ShapeError where they are no such counts
 */
export function wilsonInterval(successes: number, count: number): Interval {
  if (!(count >= 0 && successes >= 0 && successes <= count)) {
    throw new ShapeError(
      `wilsonInterval: expected 0 <= successes <= count, got ${successes} of ${count}; count what was tried`,
    )
  }
  if (count === 0) return { low: 0, high: 1 }
  const share = successes / count
  const centre = share + (z * z) / (2 * count)
  const half = z * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count))
  const scale = 1 + (z * z) / count
  // Exactly 0 and 1 at the edges, whatever rounding says.
  const low = successes === 0 ? 0 : (centre - half) / scale
  const high = successes === count ? 1 : (centre + half) / scale
  return { low, high }
}
