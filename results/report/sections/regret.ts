import type { Figure } from '../../figures/figure.js'
import { numberText } from '../../model/number-style.js'
import { regretFrom } from '../../model/regrets.js'
import type { WorldModel } from '../../model/report-model.js'
import { finishedSeries } from '../../model/world.js'
import { swatch, table } from '../../page/controls.js'
import { type Html, html } from '../../page/html.js'
import { percent } from '../../page/numbers.js'
import { figureCard } from '../figure-card.js'
import type { Section } from '../section.js'

/** Regret against the optimum and against the best decentralised policies; null where neither is known. */
export function regretSection(worlds: readonly WorldModel[]): Section | null {
  const figures: { [name: string]: Figure } = {}
  const cards = worlds.flatMap((world, i): Html[] => {
    const views = world.figures.regrets.map(({ base, rows }, j) => {
      return { name: `Against the ${base.name}`, key: `regret-${i}-${j}`, model: rows }
    })
    if (views.length === 0) return []
    const heading = worlds.length > 1 ? world.name : null
    const below = numbers(world)
    return [figureCard(views, { id: `regret-${i}`, heading, choice: 'Reference', below }, figures)]
  })
  return cards.length === 0 ? null : { id: 'regret', title: 'Regret', body: html`${cards}`, figures }
}

function numbers(world: WorldModel): Html {
  const { regrets } = world.figures
  const format = numberText({ as: 'score', decimals: world.decimals })
  const rows = finishedSeries(world).map(({ id, label, style, summary }) => {
    const found = regrets.map(({ rows }) => rows.rows.find((row) => row.id === id)!)
    const { low, high } = found[0]!
    const [first, ...rest] = found.map(({ value }) => percent(value))
    const interval = low === null || high === null ? '\u2013' : `${percent(low)} to ${percent(high)}`
    return {
      cells: [html`${swatch(style)}${label}`, first!, interval, format(summary.iqm), ...rest],
      kind: 'learner' as const,
    }
  })
  const rest = regrets.slice(1).map(({ base }) => ({ name: `against the ${base.name}`, number: true }))
  const columns = [
    { name: 'learner' },
    { name: 'regret', number: true },
    { name: '95% interval', number: true },
    { name: 'score', number: true },
    ...rest,
  ]
  const script = world.policies.slice(0, 1).map(({ name, value }) => {
    const [first, ...rest] = regrets.map(({ base }) => percent(regretFrom(base, value, world)!))
    return {
      cells: [html`${swatch(null)}best scripted: ${name}`, first!, '\u2013', format(value), ...rest],
      kind: 'other' as const,
    }
  })
  const caption = `Regret against the ${regrets[0]!.base.name}`
  return table(caption, columns, [...rows, ...script])
}
