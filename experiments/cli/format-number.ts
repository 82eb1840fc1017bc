/** 1234567 as `1.23 M`: three significant digits. */
export function formatCount(count: number): string {
  if (Math.round(count) < 1e4) return String(Math.round(count))
  // Rounded first: 999,600 has three digits in millions.
  const digits = Number(count.toPrecision(3))
  const [unit, name] = digits >= 1e9 ? [1e9, 'G'] : digits >= 1e6 ? [1e6, 'M'] : [1e3, 'k']
  return `${inFull(digits / unit)} ${name}`
}

/** A number of things: `1 tick`, `12 ticks`. */
export function countOf(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}

/** Three significant digits without an exponent, however many digits are before the point. */
function inFull(value: number): string {
  return value >= 1000 ? String(Math.round(value)) : value.toPrecision(3)
}

/** A score: five significant digits, no exponent where that stays short. */
export function formatScore(score: number): string {
  if (score === 0) return '0'
  const size = Math.abs(score)
  if (size >= 1e6 || size < 1e-3) return score.toExponential(3)
  return score.toFixed(Math.max(0, Math.min(4, 4 - Math.floor(Math.log10(size)))))
}

/** A fraction in percent, such as `1.7%`; a dash where it isn't known. */
export function formatPercent(fraction: number | null): string {
  if (fraction === null) return '-'
  const text = `${(100 * fraction).toFixed(1)}%`
  return text === '-0.0%' ? '0.0%' : text
}

/** Seconds as `0:42` or `1:03:10`; a dash where they can't be told. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '-'
  const whole = Math.max(0, Math.ceil(seconds))
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (n: number) => String(n).padStart(2, '0')
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}
