import type { Figure } from '../figures/figure.js'
import type { Html } from '../page/html.js'

/** A part of a page, with the figures that it draws, by name. */
export interface Section {
  /** For links inside the page. */
  readonly id: string
  readonly title: string
  readonly body: Html
  readonly figures: { readonly [name: string]: Figure }
}
