import { plainText } from './figure.js'
import type { Annotation } from './plotly.js'

/** A point with a name. */
export interface NamedPoint {
  readonly text: string
  /** In axis units: of a logarithmic axis the logarithm. */
  readonly x: number
  readonly y: number
}

interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** Where a name may stand, and how plotly.js is told. */
interface Place extends Pick<Annotation, 'xanchor' | 'yanchor' | 'xshift' | 'yshift'> {
  readonly box: Box
}

const pixelsPerLetter = 6.2
const lineHeight = 14
const gap = 8

/**
 * Names beside points, right, left, below or above, wherever they cover neither another name nor another point. Names
 * without such a place are left out.
 * @param range - shown, in axis units
 * @param size - of the plot, in pixels, about
 */
export function freeLabels(
  points: readonly NamedPoint[],
  range: { readonly x: readonly [number, number]; readonly y: readonly [number, number] },
  size: { readonly width: number; readonly height: number },
): Annotation[] {
  const pixel = ({ x, y }: NamedPoint) => ({
    x: ((x - range.x[0]) / (range.x[1] - range.x[0])) * size.width,
    y: ((range.y[1] - y) / (range.y[1] - range.y[0])) * size.height,
  })
  const marker = (point: NamedPoint): Box => {
    const { x, y } = pixel(point)
    return { left: x - 5, right: x + 5, top: y - 5, bottom: y + 5 }
  }
  const taken: Box[] = []
  return points.flatMap((point) => {
    const { x, y } = pixel(point)
    const width = pixelsPerLetter * point.text.length
    const beside = (left: number, top: number): Box => ({ left, right: left + width, top, bottom: top + lineHeight })
    const places: Place[] = [
      { box: beside(x + gap, y - lineHeight / 2), xanchor: 'left', yanchor: 'middle', xshift: gap, yshift: 0 },
      {
        box: beside(x - gap - width, y - lineHeight / 2),
        xanchor: 'right',
        yanchor: 'middle',
        xshift: -gap,
        yshift: 0,
      },
      { box: beside(x - width / 2, y + gap), xanchor: 'center', yanchor: 'top', xshift: 0, yshift: -gap },
      {
        box: beside(x - width / 2, y - gap - lineHeight),
        xanchor: 'center',
        yanchor: 'bottom',
        xshift: 0,
        yshift: gap,
      },
    ]
    const others = points.filter((other) => other !== point).map(marker)
    const free = places.find(({ box }) => {
      const inside = box.left >= 0 && box.right <= size.width && box.top >= 0 && box.bottom <= size.height
      return inside && ![...taken, ...others].some((other) => overlaps(box, other))
    })
    if (free === undefined) return []
    const { box, ...anchor } = free
    taken.push(box)
    const font = { size: 11, color: '@fg' } as const
    return [
      {
        text: plainText(point.text),
        x: point.x,
        y: point.y,
        font,
        bgcolor: '@surface/0.65',
        borderpad: 1,
        ...anchor,
      },
    ]
  })
}

function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}
