import { type FigurePart, plainText, referenceLine } from './figure.js'
import type { World } from './worlds.js'

/** A value that learners are held against. */
export interface ReferenceValue {
  readonly name: string
  readonly value: number
  /** Drawn as a solid line: the optimum. */
  readonly strong: boolean
}

/** The optimum, the best scripted policy, the best local policies and random, as far as known, best first. */
export function referenceValues(world: World): ReferenceValue[] {
  const values: ReferenceValue[] = []
  const add = (name: string, value: number | null | undefined, strong = false) => {
    if (value !== null && value !== undefined) values.push({ name, value, strong })
  }
  add(world.exact ? 'exact optimum' : 'optimum', world.optimum, true)
  const [best] = world.policies
  add(`best scripted: ${best?.name}`, best?.value)
  for (const local of world.locals) add(`best local policy: ${local.environment}`, local.value)
  add('random', world.random)
  return values.sort((a, b) => b.value - a.value)
}

/** A line across a plot, with what it is called. */
export interface LabelledLine {
  readonly text: string
  /** Where it is drawn, in data units. */
  readonly value: number
  /** Position of its label on the axis: the value, or on a logarithmic axis the logarithm of it. */
  readonly at: number
  readonly strong: boolean
}

/** Lines with their names: beside the plot where there is room, inside and above the line on narrow screens. */
export interface LabelledLines {
  readonly shapes: readonly FigurePart[]
  readonly annotations: readonly FigurePart[]
  readonly narrowAnnotations: readonly FigurePart[]
  /** Pixels that the names need beside the plot. */
  readonly margin: number
}

const lineHeight = 15
const pixelsPerLetter = 6.4

/**
 * Lines across a plot with their names, pushed apart where they would overlap.
 * @param lines - topmost first
 * @param unitsPerPixel - of the y axis
 */
export function labelledLines(lines: readonly LabelledLine[], unitsPerPixel: number): LabelledLines {
  let lowestLabel = Number.POSITIVE_INFINITY
  const labels = lines.map(({ text, at, strong }): FigurePart => {
    const wanted = at / unitsPerPixel
    lowestLabel = Math.min(wanted, lowestLabel - lineHeight)
    return {
      text: plainText(text),
      xref: 'paper',
      x: 1,
      y: at,
      yshift: Math.round(lowestLabel - wanted) || 0,
      showarrow: false,
      font: { size: 11.5, color: strong ? '@fg' : '@muted' },
    }
  })
  return {
    shapes: lines.map(({ value, strong }) => referenceLine('y', value, strong)),
    annotations: labels.map((label) => ({ ...label, xanchor: 'left', xshift: 6, yanchor: 'middle' })),
    narrowAnnotations: labels.map((label) => ({
      ...label,
      xanchor: 'right',
      yanchor: 'bottom',
      bgcolor: '@surface/0.7',
      borderpad: 0,
    })),
    margin:
      lines.length === 0 ? 16 : 18 + Math.ceil(pixelsPerLetter * Math.max(...lines.map((line) => line.text.length))),
  }
}
