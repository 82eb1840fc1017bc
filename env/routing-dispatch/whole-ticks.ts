/**
 * Ticks that are over from one time to another, where ticks are counted from the first: the largest k of which `since + k * tickMs` is not
 * after `now`. Rounding of the quotient never makes it another.
 * @param since - ms @param now - ms, not before `since` @param tickMs - above 0
 */
export function wholeTicks(since: number, now: number, tickMs: number): number {
  let ticks = Math.floor((now - since) / tickMs)
  if (since + ticks * tickMs > now) ticks--
  else if (since + (ticks + 1) * tickMs <= now) ticks++
  return ticks
}

/** Whether a time, ticks since the start, lies inside a tick: not where one ends, but for rounding. */
export function isWithinTick(ticks: number): boolean {
  return Math.abs(ticks - Math.round(ticks)) > 1e-9
}
