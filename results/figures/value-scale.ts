import { withMinus } from '../page/numbers.js'
import { quantile } from '../statistics/quantile.js'

/** From low to high, dark to light, so that it reads without colour as well. */
const anchors = [
  [45, 30, 95],
  [49, 88, 143],
  [43, 140, 138],
  [108, 191, 91],
  [242, 227, 76],
] as const

/** Colours and spelling of values, the same for all maps of one environment and both themes. */
export interface ValueScale {
  /** What the darkest and the lightest colour stand for; reward units. */
  readonly low: number
  readonly high: number
  /** Whether some values lie below `low`, or above `high`. */
  readonly cut: boolean
  readonly cutAbove: boolean
  /** As #rrggbb, those outside the scale as its ends. */
  colour(value: number): string
  /** Black or white, whichever stands out from the value's colour (4.5:1 at least). */
  ink(value: number): string
  /** About three digits. */
  format(value: number): string
}

/**
 * A scale that spans the optimal values, but for a few far off, and those of policies that lie at most that span away from
 * them: one that falls into every hole would leave the rest in one colour.
 * @param optimal - V*, empty where unknown
 * @param others - values of policies
 */
export function valueScale(optimal: readonly number[], others: readonly number[]): ValueScale {
  const all = [...optimal, ...others]
  const [from, to] = bulk(optimal.length > 0 ? optimal : others)
  const near = others.filter((value) => value >= from - (to - from) && value <= to + (to - from))
  const [low, high] = extent([...near, from, to])
  const span = high - low
  const colour = (value: number) => colourAt(span > 0 ? Math.min(1, Math.max(0, (value - low) / span)) : 0.5)
  const decimals = Math.min(4, Math.max(0, 2 - Math.floor(Math.log10(span > 0 ? span : Math.abs(high) || 1))))
  return {
    low,
    high,
    cut: all.some((value) => value < low),
    cutAbove: all.some((value) => value > high),
    colour: (value) =>
      `#${colour(value)
        .map((c) => Math.round(c).toString(16).padStart(2, '0'))
        .join('')}`,
    // Where both stand out as much: luminance 0.179.
    ink: (value) => (luminance(colour(value)) > 0.179 ? '#000000' : '#ffffff'),
    format: (value) => (value === 0 ? '0' : withMinus(value.toFixed(decimals))),
  }
}

/** Stops of the scale, evenly spaced, as CSS colours. */
export const scaleStops: readonly string[] = anchors.map((rgb) => `rgb(${rgb.join(' ')})`)

/** Where the values lie: an end is their 2nd or 98th percentile, where it lies farther away than these are apart. */
function bulk(values: readonly number[]): [number, number] {
  if (values.length === 0) return extent(values)
  const sorted = [...values].sort((a, b) => a - b)
  const [least, most] = [sorted[0]!, sorted.at(-1)!]
  const [low, high] = [quantile(sorted, 0.02), quantile(sorted, 0.98)]
  const span = high - low
  if (span === 0) return [least, most]
  return [least < low - span ? low : least, most > high + span ? high : most]
}

function extent(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
}

/** @param share - in [0, 1] */
function colourAt(share: number): [number, number, number] {
  const place = share * (anchors.length - 1)
  const i = Math.min(anchors.length - 2, Math.floor(place))
  const mix = (channel: 0 | 1 | 2) =>
    anchors[i]![channel] + (place - i) * (anchors[i + 1]![channel] - anchors[i]![channel])
  return [mix(0), mix(1), mix(2)]
}

/** Relative luminance of WCAG 2.1. */
function luminance(rgb: readonly number[]): number {
  const [r, g, b] = rgb.map((channel) => {
    const c = channel / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}
