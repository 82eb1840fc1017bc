import { count, percent, withMinus } from '../page/numbers.js'

/** How numbers are written, as plain data. */
export type NumberStyle =
  | { readonly as: 'score'; readonly decimals: number }
  /** Shares, as percentages. */
  | { readonly as: 'percent' }
  /** Three decimals, as APGR is published. */
  | { readonly as: 'thousandths' }
  /** Three decimals with a sign, for differences. */
  | { readonly as: 'signed' }
  /** Percentage points with a sign, for differences of shares. */
  | { readonly as: 'points' }
  | { readonly as: 'usd' }
  /** Environment steps. */
  | { readonly as: 'count' }
  | { readonly as: 'digits'; readonly digits: number }

/** The function that writes numbers in a style. */
export function numberText(style: NumberStyle): (value: number) => string {
  switch (style.as) {
    case 'score':
      return (value) => withMinus(value.toFixed(style.decimals))
    case 'percent':
      return percent
    case 'thousandths':
      return (value) => withMinus(value.toFixed(3))
    case 'signed':
      return (value) => plus(value, withMinus(value.toFixed(3)))
    case 'points':
      return (value) => `${plus(value, withMinus((100 * value).toFixed(1)))} points`
    case 'usd':
      return (value) => `$${Number(value.toPrecision(3))}`
    case 'count':
      return count
    case 'digits':
      return (value) => String(Number(value.toPrecision(style.digits)))
  }
}

/** With a sign, but where all digits are 0. */
function plus(value: number, text: string): string {
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text
}
