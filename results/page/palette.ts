/**
 * Colours by name, for a light and a dark page. Series colours keep apart for the common kinds of colour blindness
 * (after Okabe and Ito 2008) and stand out from the page by 3:1 at least; lines differ in dash as well.
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
    onSeries: '#ffffff',
    c0: '#0072b2',
    c1: '#d05a00',
    c2: '#00805a',
    c3: '#a3439b',
    c4: '#a87400',
    c5: '#1f93cf',
    c6: '#882255',
    c7: '#6b6b1f',
  },
  dark: {
    page: '#0e1319',
    surface: '#161d26',
    fg: '#e8edf3',
    muted: '#9aa7b6',
    grid: '#28323e',
    border: '#2b3643',
    accent: '#6db8f2',
    onSeries: '#0b1016',
    c0: '#4aa8ee',
    c1: '#ff8f4a',
    c2: '#37c495',
    c3: '#d98fd8',
    c4: '#e0b13c',
    c5: '#8fd0f7',
    c6: '#ea7fa9',
    c7: '#c4c463',
  },
} as const

export type ColourName = keyof typeof themes.light

const numColours = 8
const dashes = ['solid', 'dot', 'dash', 'dashdot', 'longdash'] as const

/** The colour of the i-th series; they repeat after eight. */
export function seriesColour(i: number): ColourName {
  return `c${i % numColours}` as ColourName
}

/** The dash of the i-th kind of line. */
export function seriesDash(i: number): (typeof dashes)[number] {
  return dashes[i % dashes.length]!
}

/** The palette as CSS custom properties, light, and dark where the reader's system asks for it. */
export function paletteCss(): string {
  const properties = (theme: Readonly<Record<string, string>>) =>
    Object.entries(theme)
      .map(([name, colour]) => `--${name}:${colour}`)
      .join(';')
  return `:root{color-scheme:light dark;${properties(themes.light)}}
@media (prefers-color-scheme:dark){:root{${properties(themes.dark)}}}`
}
