import { type Html, html } from '../page/html.js'
import { renderPage } from '../page/page.js'

/** A table of a page: what it shows, its columns, its rows. */
export interface ExplainedTable {
  readonly title: string
  /** One line above the table. */
  readonly lead: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** Row that was chosen; null where none is marked. */
  readonly chosen: number | null
  /** One line below the table; null for none. */
  readonly outcome: string | null
}

/** Why something went as it went, ready to be drawn. */
export interface ExplanationPage {
  readonly title: string
  readonly lead: string
  readonly steps: readonly ExplainedTable[]
  readonly end: string
}

/** The page of an explanation: a table a decision, the chosen row marked. */
export function renderExplanation({ title, lead, steps, end }: ExplanationPage): string {
  const body = html`<main id="main"><h1>${title}</h1><p>${lead}</p>
${steps.map(drawStep)}
<section><h2>End</h2><p>${end}</p></section></main>`
  return renderPage({ title, body, figures: {} })
}

function drawStep({ title, lead, columns, rows, chosen, outcome }: ExplainedTable): Html {
  return html`<section><h2>${title}</h2><p>${lead}</p>
<div class="card"><div class="scroll"><table><thead><tr>${columns.map((name, c) => html`<th${c > 0 ? html` class="number"` : ''}>${name}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row, r) =>
      html`<tr>${row.map((cell, c) => html`<td${c > 0 ? html` class="number"` : ''}>${r === chosen ? html`<strong>${cell}</strong>` : cell}</td>`)}</tr>`,
  )}</tbody></table></div></div>
${outcome === null ? null : html`<p>${outcome}</p>`}</section>`
}
