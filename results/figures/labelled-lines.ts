import type { ReferenceLine } from '../model/figure-model.js'
import { lineAcross, plainText } from './figure.js'
import type { Annotation, Shape } from './plotly.js'

/** Lines with their names: beside the plot where there is room, inside and above the line on narrow screens. */
export interface LabelledLines {
  readonly shapes: readonly Shape[]
  readonly annotations: readonly Annotation[]
  readonly narrowAnnotations: readonly Annotation[]
  /** Pixels that the names need beside the plot. */
  readonly margin: number
}

const lineHeight = 15
const pixelsPerLetter = 6.4

/**
 * Lines across a plot with their names and values, pushed apart where they would overlap.
 * @param lines - topmost first; those without a name get none
 * @param place - position of a value on the axis: the value, or on a logarithmic axis the logarithm of it
 * @param unitsPerPixel - of the y axis
 */
export function labelledLines(
  lines: readonly ReferenceLine[],
  text: (value: number) => string,
  place: (value: number) => number,
  unitsPerPixel: number,
): LabelledLines {
  let lowestLabel = Number.POSITIVE_INFINITY
  const named = lines.filter(({ name }) => name !== '')
  const labels = named.map(({ name, value, strong }): Annotation => {
    const at = place(value)
    const wanted = at / unitsPerPixel
    lowestLabel = Math.min(wanted, lowestLabel - lineHeight)
    return {
      text: plainText(`${name} ${text(value)}`),
      xref: 'paper',
      x: 1,
      y: at,
      yshift: Math.round(lowestLabel - wanted) || 0,
      font: { size: 11.5, color: strong ? '@fg' : '@muted' },
    }
  })
  const longest = Math.max(0, ...named.map(({ name, value }) => `${name} ${text(value)}`.length))
  return {
    shapes: lines.map(({ value, strong }) => lineAcross('y', value, strong)),
    annotations: labels.map((label) => ({ ...label, xanchor: 'left', xshift: 6, yanchor: 'middle' })),
    narrowAnnotations: labels.map((label) => ({
      ...label,
      xanchor: 'right',
      yanchor: 'bottom',
      bgcolor: '@surface/0.7',
      borderpad: 0,
    })),
    margin: longest === 0 ? 16 : 18 + Math.ceil(pixelsPerLetter * longest),
  }
}
