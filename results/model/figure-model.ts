import type { ColourName, Dash, Marker } from '../page/palette.js'
import type { NumberStyle } from './number-style.js'

/** How something is told apart from others: its algorithm by colour, its setting by dash. */
export interface Style {
  readonly colour: ColourName
  readonly dash: Dash
  readonly marker: Marker
  /** Whether lines carry their marker: where dashes don't suffice. */
  readonly marked: boolean
}

export interface Axis {
  readonly title: string
  readonly scale: 'linear' | 'log'
  /** What is shown, in data units on a logarithmic axis too; null: all that is drawn. */
  readonly range: readonly [number, number] | null
  readonly numbers: NumberStyle
}

/** One place of a curve, with its 95% interval. */
export interface CurvePoint {
  readonly x: number
  readonly y: number
  /** Null of too few replicates for an interval. */
  readonly low: number | null
  readonly high: number | null
  /** Replicates (seeds, folds or trials) that the point is over. */
  readonly of: number
  /** Of scores: the regret of `y`; null where no optimum is known. */
  readonly regret?: number | null
}

export interface Curve {
  /** The same in all figures of a page. */
  readonly id: string
  readonly label: string
  readonly style: Style
  /** Drawn heavier: what was learned. */
  readonly strong: boolean
  /** Not drawn until its name is pressed. */
  readonly hidden: boolean
  readonly points: readonly CurvePoint[]
  /** Where a policy itself stands, beside the curve that it may be moved along. */
  readonly own: { readonly x: number; readonly y: number } | null
}

/** A value that others are held against, drawn as a line across. */
export interface ReferenceLine {
  readonly name: string
  readonly value: number
  /** Solid: the optimum. */
  readonly strong: boolean
}

/** A point with a name. */
export interface NamedPoint {
  readonly name: string
  readonly x: number
  readonly y: number
  readonly symbol: 'diamond' | 'star'
}

/** Curves with bands, in numbers: all that is drawn and said of them. */
export interface CurvesModel {
  /** For where no page is around it. */
  readonly title: string
  readonly x: Axis
  readonly y: Axis
  /** What points are over: "seed", "fold" or "trial". */
  readonly replicate: string
  readonly curves: readonly Curve[]
  readonly lines: readonly ReferenceLine[]
  readonly points: readonly NamedPoint[]
  /** A dotted line between two places: what mixing two policies at random gives. */
  readonly mix: readonly [readonly [number, number], readonly [number, number]] | null
  /** What an axis leaves out, in short, for inside the figure; null where it shows all. */
  readonly cut: string | null
  /** Sentences: what lines and bands are, over how many, what is cut or missing. */
  readonly caption: readonly string[]
}

export type RowKind = 'learner' | 'scripted' | 'best local' | 'random' | 'optimum' | 'baseline'

/** A value with its 95% interval, in a row of its own. */
export interface Row {
  readonly id: string
  readonly label: string
  readonly kind: RowKind
  /** Null for what isn't learned. */
  readonly style: Style | null
  readonly value: number
  /** Null of too few replicates, and for what has one exact value. */
  readonly low: number | null
  readonly high: number | null
  /** A second, narrower interval. */
  readonly inner?: { readonly low: number; readonly high: number }
  /** Replicates that the value is over; null for what has one exact value. */
  readonly of: number | null
  /** Of a score: its regret; null where none is known. */
  readonly regret: number | null
}

/** Rows of values with intervals, in numbers. */
export interface RowsModel {
  readonly title: string
  /** What the values are, in a word or two. */
  readonly measure: string
  readonly axis: Axis
  readonly replicate: string
  /** Bars from 0, else dots. */
  readonly bars: boolean
  readonly rows: readonly Row[]
  readonly lines: readonly ReferenceLine[]
  /** Rows that the axis has no place for; tables have them. */
  readonly leftOut: readonly Row[]
  readonly caption: readonly string[]
}

/** "3 seeds", or "2 to 3 seeds" where they differ. */
export function spanOf(amounts: readonly number[], noun: string): string {
  const [least, most] = [Math.min(...amounts), Math.max(...amounts)]
  if (amounts.length === 0) return `no ${noun}s`
  return least === most ? `${most} ${noun}${most === 1 ? '' : 's'}` : `${least} to ${most} ${noun}s`
}
