import { drawCurves } from '../figures/draw-curves.js'
import { drawRows } from '../figures/draw-rows.js'
import type { Figure } from '../figures/figure.js'
import type { CurvesModel, RowsModel } from '../model/figure-model.js'
import { plot, seriesLegend, type Tab, tabbed } from '../page/controls.js'
import { type Html, html } from '../page/html.js'

/** A view of a figure: curves or rows, under a name. */
export interface View {
  /** Of the tab. */
  readonly name: string
  /** Of the figure in the page. */
  readonly key: string
  readonly model: CurvesModel | RowsModel
}

/** What a card puts below its figures. */
export interface CardParts {
  /** For the elements of the page. */
  readonly id: string
  /** Above the figures, where a page has several such cards. */
  readonly heading: string | null
  /** What tabs choose. */
  readonly choice: string
  readonly below: Html | null
}

/** Figures of which one is shown at a time, each with what its lines and bands are, and one legend for all. */
export function figureCard(
  views: readonly View[],
  { id, heading, choice, below }: CardParts,
  figures: { [name: string]: Figure },
): Html {
  const tabs = views.map(({ name, key, model }): Tab => {
    figures[key] = 'curves' in model ? drawCurves(model) : drawRows(model)
    return { name, content: html`${plot(key, model.title)}<figcaption>${model.caption.join(' ')}</figcaption>` }
  })
  const entries = views.flatMap(({ model }) => ('curves' in model ? model.curves : []))
  const legend = [...new Map(entries.map((curve) => [curve.id, curve])).values()]
  return html`<figure class="card">${heading === null ? null : html`<h3>${heading}</h3>`}
${legend.length === 0 ? null : seriesLegend(legend)}
${tabbed(id, choice, tabs)}
${below}</figure>`
}
