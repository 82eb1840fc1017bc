/**
 * The part of plotly.js that figures use, as it documents it. Whatever is drawn is held against plotly.js's own schema in
 * browser.system.test.ts.
 */
import type { ColourToken, Dash } from '../page/palette.js'

export interface Font {
  readonly family?: string
  readonly size?: number
  readonly color?: ColourToken
}

export interface Line {
  readonly color?: ColourToken
  readonly width?: number
  readonly dash?: Dash
}

export interface MarkerStyle {
  readonly color?: ColourToken
  readonly size?: number | readonly number[]
  readonly symbol?: string | readonly string[]
  readonly line?: { readonly color?: ColourToken; readonly width?: number }
}

export interface ErrorBar {
  readonly type: 'data'
  readonly symmetric: false
  readonly array: readonly number[]
  readonly arrayminus: readonly number[]
  readonly color: ColourToken
  readonly thickness: number
  readonly width: number
}

interface TraceParts {
  /** The series that a trace belongs to, for legends outside the figure. */
  readonly meta?: string
  readonly name?: string
  readonly x: readonly number[]
  /** Null: the line breaks off. */
  readonly y: readonly (number | null)[]
  readonly customdata?: readonly string[]
  readonly hovertemplate?: string
  readonly hoverinfo?: 'skip'
  readonly showlegend?: boolean
  readonly legendgroup?: string
  readonly marker?: MarkerStyle
  readonly error_x?: ErrorBar
}

export interface ScatterTrace extends TraceParts {
  readonly type: 'scatter'
  readonly mode: 'lines' | 'markers' | 'lines+markers'
  readonly line?: Line
  readonly fill?: 'toself'
  readonly fillcolor?: ColourToken
}

export interface BarTrace extends TraceParts {
  readonly type: 'bar'
  readonly orientation: 'h'
  readonly y: readonly number[]
}

export type Trace = ScatterTrace | BarTrace

export interface Shape {
  readonly type: 'line'
  readonly layer: 'below'
  readonly xref?: 'paper'
  readonly yref?: 'paper'
  readonly x0: number
  readonly x1: number
  readonly y0: number
  readonly y1: number
  readonly line: Line
}

export interface Annotation {
  readonly text: string
  readonly x: number
  readonly y: number
  readonly xref?: 'paper'
  readonly yref?: 'paper'
  readonly xanchor?: 'left' | 'center' | 'right'
  readonly yanchor?: 'top' | 'middle' | 'bottom'
  readonly xshift?: number
  readonly yshift?: number
  readonly align?: 'left'
  readonly font?: Font
  readonly bgcolor?: ColourToken
  readonly borderpad?: number
}

export interface AxisLayout {
  readonly title?: { readonly text?: string; readonly standoff?: number; readonly font?: Font }
  readonly type?: 'linear' | 'log'
  /** Of a logarithmic axis: powers of ten. */
  readonly range?: readonly [number, number]
  readonly rangemode?: 'tozero'
  readonly tickformat?: string
  readonly hoverformat?: string
  readonly tickprefix?: string
  readonly tickvals?: readonly number[]
  readonly ticktext?: readonly string[]
  readonly tickfont?: Font
  readonly ticks?: 'outside' | ''
  readonly nticks?: number
  readonly showline?: boolean
  readonly showgrid?: boolean
  readonly showticklabels?: boolean
  readonly ticklabelstandoff?: number
  readonly fixedrange?: boolean
  readonly zeroline?: boolean
  readonly zerolinecolor?: ColourToken
  readonly zerolinewidth?: number
  readonly gridcolor?: ColourToken
  readonly linecolor?: ColourToken
  readonly tickcolor?: ColourToken
  readonly automargin?: boolean
}

export interface Margin {
  readonly l?: number
  readonly r?: number
  readonly t?: number
  readonly b?: number
}

export interface Layout {
  readonly height?: number
  readonly margin?: Margin
  readonly autosize?: boolean
  readonly font?: Font
  readonly paper_bgcolor?: ColourToken
  readonly plot_bgcolor?: ColourToken
  readonly showlegend?: boolean
  readonly legend?: {
    readonly orientation?: 'h'
    readonly x?: number
    readonly y?: number
    readonly yref?: 'container'
    readonly xanchor?: 'left'
    readonly yanchor?: 'top' | 'bottom'
    readonly font?: Font
  }
  readonly title?: {
    readonly text: string
    readonly x: number
    readonly y?: number
    readonly xanchor: 'left'
    readonly yanchor?: 'top'
    readonly yref?: 'container'
    readonly font: Font
    readonly subtitle?: { readonly text: string; readonly font: Font }
  }
  readonly dragmode?: 'zoom' | false
  readonly hovermode?: 'closest' | 'x unified'
  readonly hoverlabel?: {
    readonly bgcolor?: ColourToken
    readonly bordercolor?: ColourToken
    readonly font?: Font
    readonly align?: 'left'
    readonly namelength?: number
  }
  readonly modebar?: {
    readonly bgcolor?: ColourToken
    readonly color?: ColourToken
    readonly activecolor?: ColourToken
  }
  readonly bargap?: number
  readonly xaxis?: AxisLayout
  readonly yaxis?: AxisLayout
  readonly shapes?: readonly Shape[]
  readonly annotations?: readonly Annotation[]
}

/** What plotly.js takes before a figure's own layout. */
export interface Template {
  readonly layout: Layout & { readonly annotationdefaults?: { readonly showarrow: boolean; readonly font: Font } }
}
