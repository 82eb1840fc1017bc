import type { Layout, LayoutAxis } from 'plotly.js'

/** A part of a plotly.js figure, as plain data. Colours are "@name" or "@name/opacity" of the palette. */
export type FigurePart = { readonly [key: string]: unknown }

/** A plotly.js figure whose colours are named, so that it fits a light and a dark page. */
export interface Figure {
  /** Traces; `meta` names the series that a trace belongs to, for legends outside the figure. */
  readonly data: readonly FigurePart[]
  readonly layout: FigurePart
  /** What the layout changes on a narrow screen. */
  readonly narrow: FigurePart
}

const font = {
  family: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif',
  size: 13,
  color: '@fg',
}

/** What all figures share. */
export const baseLayout: FigurePart = {
  autosize: true,
  font,
  paper_bgcolor: 'rgba(0,0,0,0)',
  plot_bgcolor: 'rgba(0,0,0,0)',
  showlegend: false,
  dragmode: 'zoom',
  hoverlabel: {
    bgcolor: '@surface',
    bordercolor: '@border',
    font: { ...font, size: 12 },
    align: 'left',
    namelength: -1,
  },
  modebar: { bgcolor: 'rgba(0,0,0,0)', color: '@muted', activecolor: '@accent' },
} satisfies Partial<Layout>

/** What all figures share on a narrow screen: a touch scrolls the page instead of zooming. */
export const baseNarrow: FigurePart = { dragmode: false, font: { size: 11 } }

/** What all axes share. */
export const baseAxis: FigurePart = {
  gridcolor: '@grid',
  linecolor: '@border',
  tickcolor: '@border',
  tickfont: { color: '@muted' },
  zeroline: false,
  automargin: true,
} satisfies Partial<LayoutAxis>

/** The name of an axis. */
export function axisTitle(text: string): FigurePart {
  return { text, standoff: 10, font: { size: 12, color: '@muted' } }
}

/** A dashed line across the plot at a value of one axis. */
export function referenceLine(axis: 'x' | 'y', value: number, strong: boolean): FigurePart {
  const along = axis === 'x' ? 'y' : 'x'
  return {
    type: 'line',
    layer: 'below',
    [`${axis}0`]: value,
    [`${axis}1`]: value,
    [`${along}ref`]: 'paper',
    [`${along}0`]: 0,
    [`${along}1`]: 1,
    line: { color: strong ? '@fg' : '@muted', width: strong ? 1.6 : 1.1, dash: strong ? 'solid' : 'dot' },
  }
}

/** People's own words in a figure: neither markup nor a hover template to plotly.js. */
export function plainText(label: string): string {
  return label.replace(/[<>&%{}]/g, (character) => `&#${character.charCodeAt(0)};`)
}
