import { type FigurePart, referenceLine } from './figure.js'
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

/**
 * Lines across a plot with their names inside, above the line at its right end, pushed apart where they would overlap.
 * @param lines - positions on the y axis, topmost first
 * @param unitsPerPixel - of the y axis
 */
export function labelledLines(
  lines: readonly { readonly text: string; readonly at: number; readonly strong: boolean }[],
  unitsPerPixel: number,
): { shapes: FigurePart[]; annotations: FigurePart[] } {
  const lineHeight = 15
  let lowestLabel = Number.POSITIVE_INFINITY
  const annotations = lines.map(({ text, at, strong }) => {
    const wanted = at / unitsPerPixel
    const baseline = Math.min(wanted, lowestLabel - lineHeight)
    lowestLabel = baseline
    return {
      text,
      xref: 'paper',
      x: 1,
      xanchor: 'right',
      y: at,
      yanchor: 'bottom',
      yshift: Math.round(baseline - wanted) || 0,
      showarrow: false,
      align: 'right',
      bgcolor: '@surface/0.7',
      borderpad: 0,
      font: { size: 11.5, color: strong ? '@fg' : '@muted' },
    }
  })
  return { shapes: lines.map(({ at, strong }) => referenceLine('y', at, strong)), annotations }
}
