import { ownValue } from '#env/own-value.js'
import { html } from '../../page/html.js'
import { plural, scoreFormat } from '../../page/numbers.js'
import { groupTrials } from '../../statistics/summarise.js'
import type { RunData, TrialData } from '../../store/run-data.js'
import { drawMapCard, type MappedPolicy } from '../map-card.js'
import type { Section } from '../section.js'

/** Whether a trial's policy is drawn as maps of values. */
export function isMapped({ policyView, result }: TrialData): boolean {
  return (
    policyView?.panels.some((panel) => panel.value !== undefined) === true &&
    result?.status === 'done' &&
    result.final !== null
  )
}

/**
 * Values and policies on the maps of environments that have them: what is optimal, and the median trial of each algorithm;
 * null where no run recorded any.
 */
export function mapsSection(run: RunData): Section | null {
  const cards = Object.keys(run.manifest.environments).flatMap((environment, i) => {
    const policies = groupTrials(run)
      .filter((group) => group.environment === environment)
      .flatMap(({ algorithm, trials }): MappedPolicy[] => {
        const done = trials.filter(isMapped).sort((a, b) => a.result!.final! - b.result!.final!)
        const trial = done[Math.floor((done.length - 1) / 2)]
        return trial === undefined ? [] : [mapped(algorithm, trial, done.length)]
      })
    if (policies.length === 0) return []
    const optimal = ownValue(run.references?.environments, environment)?.maps ?? null
    const { discount } = run.manifest
    const layout = policies[0]!.view
    return [drawMapCard({ id: `map-${i}`, title: environment, layout, optimal, policies, discount, chooser: true })]
  })
  if (cards.length === 0) return null
  return { id: 'maps', title: 'Values and policies', body: html`${cards}`, figures: {} }
}

function mapped(algorithm: string, { plan, result, policyView }: TrialData, trials: number): MappedPolicy {
  const final = result!.final!
  const score = scoreFormat(Math.abs(final))(final)
  const which = trials === 1 ? 'the only trial' : `the median of ${plural(trials, 'trial')}`
  const fold = result!.fold === undefined ? '' : `fold ${result!.fold}, `
  const note = `Last policy of ${which}: ${fold}seed ${plan.seed}, score ${score}.`
  return { name: algorithm, score, note, view: policyView! }
}
