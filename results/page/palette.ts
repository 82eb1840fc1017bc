/**
 * Colours by name, for a light and a dark page. Series colours keep apart for people without colour blindness
 * and with each kind of it (OKLab distance 0.08 at least, as Machado et al. 2009 simulate them; found by search), and stand out
 * from the page by 3:1 at least.
 */
export const themes = {
  light: {
    page: '#f6f7f9',
    surface: '#ffffff',
    fg: '#16202c',
    muted: '#5a6675',
    grid: '#e4e8ed',
    border: '#d9dee5',
    accent: '#0b62a8',
    shade: '#d3dae2',
    onSeries: '#ffffff',
    c0: '#0072b2',
    c1: '#d57d3e',
    c2: '#660f28',
    c3: '#0ba098',
    c4: '#6824ae',
    c5: '#7c6d37',
    c6: '#272e5d',
    c7: '#1a5c0a',
  },
  dark: {
    page: '#0e1319',
    surface: '#161d26',
    fg: '#e8edf3',
    muted: '#9aa7b6',
    grid: '#28323e',
    border: '#2b3643',
    accent: '#6db8f2',
    shade: '#0a0f14',
    onSeries: '#0b1016',
    c0: '#4aa8ee',
    c1: '#ab5e22',
    c2: '#d5aaa8',
    c3: '#72f0e1',
    c4: '#ae56e3',
    c5: '#f1ea7c',
    c6: '#5c73a8',
    c7: '#63dc3f',
  },
} as const

export type ColourName = keyof typeof themes.light

/** A colour in a figure: a name of the palette, with an opacity where it isn't whole, which the page's script puts in. */
export type ColourToken = `@${ColourName}` | `@${ColourName}/${number}`

/** The hues of series, in the order in which they are given out. */
export const SERIES_COLOURS = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7'] as const satisfies readonly ColourName[]

/** Kinds of line; the names are plotly.js's. */
export const DASHES = ['solid', 'dash', 'dot', 'dashdot', 'longdash', 'longdashdot'] as const
export type Dash = (typeof DASHES)[number]

/** Kinds of mark; as many as have no common factor with the dashes, so that both together repeat late. */
export const MARKERS = ['circle', 'square', 'diamond', 'triangle-up', 'cross', 'star', 'pentagon'] as const
export type Marker = (typeof MARKERS)[number]

/** The palette as CSS custom properties, light, and dark where the reader's system asks for it. */
export function paletteCss(): string {
  const properties = (theme: Readonly<Record<string, string>>) =>
    Object.entries(theme)
      .map(([name, colour]) => `--${name}:${colour}`)
      .join(';')
  return `:root{color-scheme:light dark;${properties(themes.light)}}
@media (prefers-color-scheme:dark){:root{${properties(themes.dark)}}}`
}
