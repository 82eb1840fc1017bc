import { choiceKey, type StyleBook } from '../../model/style-book.js'
import { type Html, html } from '../../page/html.js'
import { scoreFormat } from '../../page/numbers.js'
import { groupTrials } from '../../statistics/summarise.js'
import type { RunData, TrialData } from '../../store/run-data.js'
import type { PolicyViewRecord } from '../../store/trial-records.js'
import { choiceCodes } from '../choice-codes.js'
import type { Section } from '../section.js'
import { isMapped } from './maps.js'

/**
 * The best trial's policy of each algorithm and environment, drawn as tables of choices, but for those that are drawn as maps of
 * values; null where none was recorded.
 */
export function policiesSection(run: RunData, styles: StyleBook): Section | null {
  const shown = groupTrials(run).flatMap(({ algorithm, environment, trials }) => {
    const best = trials
      .filter((trial) => drawable(trial) && !isMapped(trial))
      .sort((a, b) => b.result!.final! - a.result!.final!)[0]
    return best === undefined ? [] : [{ name: `${algorithm} on ${environment}`, trial: best, view: best.policyView! }]
  })
  if (shown.length === 0) return null
  const finals = shown.map(({ trial }) => trial.result!.final!)
  const format = scoreFormat(Math.max(...finals.map(Math.abs)))
  const chooser =
    shown.length === 1
      ? null
      : html`<label class="chooser">Policy <select data-views>${shown.map(
          ({ name, trial }, i) => html`<option value="policy-${i}">${name} (${format(trial.result!.final!)})</option>`,
        )}</select></label>`
  const views = shown.map(
    ({ trial, view }, i) =>
      html`<div id="policy-${i}"${i === 0 ? '' : html` hidden`}><h3>${view.title}</h3>
<p class="note">${bestOf(trial)}, score ${format(trial.result!.final!)}.</p>
${drawView(view, styles)}</div>`,
  )
  return {
    id: 'policies',
    title: 'Learned policies',
    body: html`<div class="card">${chooser}${views}</div>`,
    figures: {},
  }
}

function bestOf({ plan, result }: TrialData): string {
  return result?.fold === undefined
    ? `Best of the seeds: seed ${plan.seed}`
    : `Best of the folds: fold ${result.fold}, seed ${plan.seed}`
}

function drawable(trial: TrialData): boolean {
  return trial.policyView !== null && trial.result?.status === 'done' && trial.result.final !== null
}

function drawView(view: PolicyViewRecord, styles: StyleBook): Html {
  const note = view.note === undefined ? null : html`<p class="note">${view.note}</p>`
  if (view.panels.length === 0) return html`${note}`
  const codes = choiceCodes(view.legend)
  const chip = (choice: string) =>
    html`<li><span class="chip" style="--series:var(--${styles.colour(choiceKey(choice))})">${codes.get(choice)}</span><i>${choice}</i></li>`
  const widest = Math.max(0, ...view.panels.map((panel) => panel.x.length))
  const dense = widest > 16
  return html`${note}<ul class="key" aria-label="Choices">${view.legend.map(chip)}</ul>
<div class="panels" style="--panel:${dense ? widest * 16 + 90 : widest * 41 + 92}px">${view.panels.map((panel) => drawPanel(panel, styles, codes, dense))}</div>`
}

function drawPanel(
  panel: PolicyViewRecord['panels'][number],
  styles: StyleBook,
  codes: ReadonlyMap<string, string>,
  dense: boolean,
): Html {
  const cell = (choice: string | null, x: string, y: string): Html => {
    const place = `${panel.xLabel} ${x}, ${panel.yLabel} ${y}`
    if (choice === null) return html`<td class="empty" title="${place}"></td>`
    const colour = styles.colour(choiceKey(choice))
    const code = dense ? '' : (codes.get(choice) ?? '?')
    return html`<td style="--series:var(--${colour})" title="${place}: ${choice}"><span aria-label="${choice}">${code}</span></td>`
  }
  const rows = panel.choice.map(
    (row, y) =>
      html`<tr><th scope="row">${panel.y[y]}</th>${row.map((choice, x) => cell(choice, panel.x[x]!, panel.y[y]!))}</tr>
`,
  )
  return html`<div class="panel${dense ? ' dense' : ''} scroll"><table><caption>${panel.title}</caption>
<thead><tr><th class="axis" scope="col">${panel.yLabel} \u2193</th><th class="axis" colspan="${panel.x.length}">${panel.xLabel} \u2192</th></tr>
<tr><td></td>${panel.x.map((x) => html`<th scope="col">${x}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`
}
