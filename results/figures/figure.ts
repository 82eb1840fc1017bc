import type { Layout, Shape, Template, Trace } from './plotly.js'

/** A plotly.js figure whose colours are named, so that it fits a light and a dark page. */
export interface Figure {
  readonly data: readonly Trace[]
  /** What differs from the template. */
  readonly layout: Layout
  /** What the layout changes on a narrow screen. */
  readonly narrow: Layout
  /** What the layout changes where no page is around it: title, legend, and what lines and bands are. */
  readonly alone: Layout
}

const font = {
  family: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif',
  size: 13,
  color: '@fg',
} as const

const axis = {
  gridcolor: '@grid',
  tickfont: { color: '@muted' },
  title: { standoff: 10, font: { size: 12, color: '@muted' } },
  zeroline: false,
  automargin: true,
} as const

/** What all figures of a page share, as a template of plotly.js. */
export const template: Template = {
  layout: {
    autosize: true,
    font,
    paper_bgcolor: '@surface/0',
    plot_bgcolor: '@surface/0',
    showlegend: false,
    dragmode: 'zoom',
    hoverlabel: {
      bgcolor: '@surface',
      bordercolor: '@border',
      font: { ...font, size: 12 },
      align: 'left',
      namelength: -1,
    },
    modebar: { bgcolor: '@surface/0', color: '@muted', activecolor: '@accent' },
    xaxis: { ...axis, linecolor: '@border', tickcolor: '@border' },
    yaxis: axis,
    annotationdefaults: { showarrow: false, font: { size: 11, color: '@muted' } },
  },
}

/** What all figures share on a narrow screen: a touch scrolls the page instead of zooming. */
export const baseNarrow: Layout = { dragmode: false, font: { size: 11 } }

/** A line across the plot at a value of one axis. */
export function lineAcross(axis: 'x' | 'y', value: number, strong: boolean): Shape {
  const line = { color: strong ? '@fg' : '@muted', width: strong ? 1.6 : 1.1, dash: strong ? 'solid' : 'dot' } as const
  const shared = { type: 'line', layer: 'below', line } as const
  return axis === 'x'
    ? { ...shared, yref: 'paper', x0: value, x1: value, y0: 0, y1: 1 }
    : { ...shared, xref: 'paper', x0: 0, x1: 1, y0: value, y1: value }
}

/** People's own words in a figure: neither markup nor a hover template to plotly.js. */
export function plainText(label: string): string {
  return label.replace(/[<>&%{}]/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** Letters in a line of a figure of 960 px at 12 px. */
const LINE = 150

/** Title above, what lines and bands are below it, and the legend at the bottom. */
export function standingAlone(
  title: string,
  caption: readonly string[],
  { height, margin, legend }: { readonly height: number; readonly margin: Layout['margin']; readonly legend: number },
): Layout {
  const lines = wrapped(caption.join(' '), LINE)
  const top = 44 + 16 * lines.length + 6
  const legendRows = Math.ceil(legend / 4)
  const bottom = 62 + 22 * legendRows
  return {
    height: height - (margin?.t ?? 0) - (margin?.b ?? 0) + top + bottom,
    margin: { ...margin, t: top, b: bottom },
    paper_bgcolor: '@surface',
    plot_bgcolor: '@surface',
    title: {
      text: plainText(title),
      x: 0.012,
      xanchor: 'left',
      y: 0.985,
      yref: 'container',
      yanchor: 'top',
      font: { size: 16 },
      subtitle: { text: lines.map(plainText).join('<br>'), font: { size: 12, color: '@muted' } },
    },
    showlegend: legend > 0,
    ...(legend > 0 ? { legend: legendBelow } : {}),
  }
}

/** Names in rows at the bottom of the picture. */
const legendBelow: Layout['legend'] = {
  orientation: 'h',
  x: 0,
  xanchor: 'left',
  yref: 'container',
  y: 0.01,
  yanchor: 'bottom',
  font: { size: 12 },
}

/** Text in lines of at most so many letters, broken between words. */
export function wrapped(text: string, letters: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > letters) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
