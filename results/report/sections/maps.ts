import { ownValue } from '#env/own-value.js'
import type { Style } from '../../model/figure-model.js'
import { algorithmKey, type StyleBook } from '../../model/style-book.js'
import { nameOf, settingOf } from '../../model/world.js'
import { html } from '../../page/html.js'
import { plural, scoreFormat } from '../../page/numbers.js'
import { scaleOfTrials } from '../../statistics/scale-of-trials.js'
import { regret, type ScoreScale } from '../../statistics/score-scale.js'
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
export function mapsSection(run: RunData, styles: StyleBook): Section | null {
  const cards = Object.keys(run.manifest.environments).flatMap((environment, i) => {
    const references = ownValue(run.references?.environments, environment) ?? null
    const own = run.trials.filter(({ plan }) => plan.environment === environment)
    const scale = scaleOfTrials(references, own)
    const policies = groupTrials(run)
      .filter((group) => group.environment === environment)
      .flatMap(({ algorithm, trials }): MappedPolicy[] => {
        const done = trials.filter(isMapped).sort((a, b) => a.result!.final! - b.result!.final!)
        const trial = done[Math.floor((done.length - 1) / 2)]
        if (trial === undefined) return []
        const style = styles.style(algorithmKey(nameOf(run, algorithm)), settingOf(run, algorithm).place)
        return [mapped(algorithm, trial, done.length, scale, style)]
      })
    if (policies.length === 0) return []
    return [
      drawMapCard({
        id: `map-${i}`,
        title: environment,
        layout: policies[0]!.view,
        optimal: references?.maps ?? null,
        optimum: scale.optimum,
        policies,
        discount: run.manifest.discount,
        chooser: true,
      }),
    ]
  })
  if (cards.length === 0) return null
  return { id: 'maps', title: 'Values and policies', body: html`${cards}`, figures: {} }
}

function mapped(
  name: string,
  { plan, result, policyView }: TrialData,
  trials: number,
  scale: ScoreScale,
  style: Style,
): MappedPolicy {
  const score = result!.final!
  const which = trials === 1 ? 'the only trial' : `the median of ${plural(trials, 'trial')}`
  const fold = result!.fold === undefined ? '' : `fold ${result!.fold}, `
  const note = `Last policy of ${which}: ${fold}seed ${plan.seed}, score ${scoreFormat(Math.abs(score))(score)}.`
  return { name, score, regret: regret(score, scale), style, note, view: policyView! }
}
