import type { ExplanationPage } from '#results/report/explanation.js'
import { textTable } from '../cli/text-table.js'
import type { ExplainedStep, Explanation } from './explain-request.js'

const columns = ['option', 'value', 'loss', 'right', 'handed over', 'cost', 'seconds']

/** An explanation for a terminal. */
export function explanationLines(explanation: Explanation): string[] {
  const { request, steps } = explanation
  return [
    `request ${request}: ${leadOf(explanation)}`,
    ...steps.flatMap((step) => [
      '',
      `${titleOf(step)}: ${whereOf(step)}`,
      ...textTable([columns, ...rowsOf(step)], [1, 2, 3, 4, 5, 6]).map(
        (line, k) => `${k > 0 && step.options[k - 1]!.name === step.choice ? '>' : ' '} ${line}`,
      ),
      ...(outcomeOf(step) === null ? [] : [`  ${outcomeOf(step)}`]),
    ]),
    '',
    endOf(explanation),
  ]
}

/** An explanation for a browser. */
export function explanationPage(explanation: Explanation): ExplanationPage {
  return {
    title: `Request ${explanation.request}`,
    lead: leadOf(explanation),
    steps: explanation.steps.map((step) => ({
      title: titleOf(step),
      lead: whereOf(step),
      columns,
      rows: rowsOf(step),
      chosen: step.options.findIndex(({ name }) => name === step.choice),
      outcome: outcomeOf(step),
    })),
    end: endOf(explanation),
  }
}

function leadOf({ team, policy, steps }: Explanation): string {
  const calls = steps.filter(({ result }) => result !== null).length
  return `team ${team}, led by ${policy}: ${counted(steps.length, 'decision')}, ${counted(calls, 'call')}. "right", "handed over", "cost" and "seconds" are what follows on average if the option is taken and the best is done ever after.`
}

function titleOf({ step, stage }: ExplainedStep): string {
  return `decision ${step + 1}, ${stage}`
}

function whereOf({ entered, best, callsLeft, gap, choice, by }: ExplainedStep): string {
  const so = best === null ? 'nothing yet' : `best so far ${best}`
  const margin =
    gap === null ? '' : gap >= 0 ? `, by ${gap.toFixed(3)} over the next` : `, ${(-gap).toFixed(3)} below the best`
  return `entered with ${entered}, ${so}, ${counted(callsLeft, 'call')} left; ${by} chose ${choice}${margin}`
}

function rowsOf({ options }: ExplainedStep): string[][] {
  return options.map(({ name, value, loss, course }) => [
    name,
    value === null ? '-' : value.toFixed(3),
    loss === null ? '-' : loss.toFixed(3),
    `${(100 * course.right).toFixed(0)}%`,
    `${(100 * (1 - course.answered)).toFixed(0)}%`,
    course.costUsd.toFixed(2),
    (course.waitedMs / 1000).toFixed(2),
  ])
}

function outcomeOf({ choice, result }: ExplainedStep): string | null {
  if (result === null) return null
  const { outcome, detail, ms, costUsd, grade } = result
  const took = `${Math.round(ms)} ms`
  if (outcome === 'answered') return `${choice} answered in ${took} for ${costUsd}: ${grade}`
  // Who has nothing to say has not failed: that counts as an answer of the lowest grade.
  if (outcome === 'unfit') return `${choice} had no answer, in ${took}: ${detail ?? grade}`
  return `${choice} failed after ${took}: ${outcome}${detail === null ? '' : `, ${detail}`}`
}

function endOf({ end, feedback }: Explanation): string {
  const said = feedback.map(({ source, score }) => `${source} says ${score}`).join(', ')
  const judged = said === '' ? 'nobody has judged it' : said
  if (end === null) return `It was interrupted before its end; ${judged}.`
  const { how, costUsd, waitedMs, why } = end
  const ending = { answer: 'an answer', ask: 'a question back', handOver: `a person: ${why}` }[how] ?? how
  return `It ended with ${ending}, for ${costUsd} in ${(waitedMs / 1000).toFixed(2)} s; ${judged}.`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
