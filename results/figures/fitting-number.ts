import { withMinus } from '../page/numbers.js'

/** Widths in a bold sans-serif of 11 px, wide as such fonts go; pixels. */
const widths: { readonly [character: string]: number } = { '.': 4.2, '\u2212': 9.3, M: 11, e: 7.5 }
const digitWidth = 7.7

const compact = [3, 2, 1].map((maximumSignificantDigits) => {
  return new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits })
})

/**
 * Writes a number as fully as `width` pixels allow: as `format` does, else with three, two or one digits and k, M, B or T,
 * such as -65.1k, else as a power of ten. The last is written even where it doesn't fit.
 */
export function fittingNumber(value: number, format: (value: number) => string, width: number): string {
  const spellings = [
    format,
    ...compact.map((short) => (value: number) => short.format(value).replace('K', 'k')),
    (value: number) => value.toExponential(0).replace('+', ''),
  ].map((spell) => withMinus(spell(value)))
  return spellings.find((text) => widthOf(text) <= width) ?? spellings.at(-1)!
}

function widthOf(text: string): number {
  return [...text].reduce((sum, character) => sum + (widths[character] ?? digitWidth), 0)
}
