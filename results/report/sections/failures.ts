import { table } from '../../page/controls.js'
import { html } from '../../page/html.js'
import { plural } from '../../page/numbers.js'
import type { RunData } from '../../store/run-data.js'
import type { Section } from '../section.js'

/** Trials that failed or haven't finished; null when all are done. */
export function failuresSection(run: RunData): Section | null {
  const failed = run.trials.filter((trial) => trial.result?.status === 'failed')
  const unfinished = run.trials.filter((trial) => trial.result === null)
  if (failed.length + unfinished.length === 0) return null
  const folds = failed.some(({ result }) => result!.fold !== undefined)
  const columns = [
    { name: 'trial' },
    { name: 'algorithm' },
    { name: 'environment' },
    { name: 'seed', number: true },
    ...(folds ? [{ name: 'fold', number: true }] : []),
    { name: 'error' },
  ]
  const rows = failed.map(({ plan, result }) => ({
    cells: [
      html`<code>${plan.id}</code>`,
      plan.algorithm,
      plan.environment,
      String(plan.seed),
      ...(folds ? [String(result!.fold ?? '\u2013')] : []),
      html`<code>${result!.error?.code}</code> ${result!.error?.message}`,
    ],
  }))
  const body = html`<div class="card alert">
${failed.length === 0 ? null : html`<p>${plural(failed.length, 'trial')} failed and ${failed.length === 1 ? 'counts' : 'count'} nowhere in this report.</p>${table('Failed trials', columns, rows)}`}
${unfinished.length === 0 ? null : html`<p>${plural(unfinished.length, 'trial')} of ${run.trials.length} not finished; curves show them as far as they got.</p>`}
</div>`
  return { id: 'failures', title: 'Failed and unfinished trials', body, figures: {} }
}
