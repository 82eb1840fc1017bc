import type { Figure } from '../../figures/figure.js'
import { type RegretBase, regretBars, regretBases, regretFrom } from '../../figures/regret-bars.js'
import { type World, worldFormat } from '../../figures/worlds.js'
import { plot, swatch, type Tab, tabbed, table } from '../../page/controls.js'
import { type Html, html } from '../../page/html.js'
import { listed, percent } from '../../page/numbers.js'
import type { Section } from '../section.js'
import { finishedSeries } from '../standing.js'

/** Regret against the optimum and against the best decentralised policies; null where neither is known. */
export function regretSection(worlds: readonly World[]): Section | null {
  const figures: { [name: string]: Figure } = {}
  const cards = worlds.flatMap((world, i): Html[] => {
    const bases = regretBases(world)
    const tabs = bases.flatMap((base, j): Tab[] => {
      const figure = regretBars(world, base)
      if (figure === null) return []
      const name = `regret-${i}-${j}`
      figures[name] = figure
      return [{ name: `Against the ${base.name}`, content: plot(name, `Regret against the ${base.name}`) }]
    })
    if (tabs.length === 0) return []
    return [
      html`<figure class="card">${worlds.length > 1 ? html`<h3>${world.id}: ${listed(world.environments)}</h3>` : null}
${tabbed(`regret-${i}`, 'Reference', tabs)}
<figcaption>Regret = (reference \u2212 score) / (reference \u2212 random): 0 equals the reference, 100% is no better than random, below 0 is ahead of the reference.</figcaption>
${numbers(world, bases)}</figure>`,
    ]
  })
  return cards.length === 0 ? null : { id: 'regret', title: 'Regret', body: html`${cards}`, figures }
}

function numbers(world: World, bases: readonly RegretBase[]): Html {
  const format = worldFormat(world)
  const against = (score: number) =>
    bases.map((base) => {
      const share = regretFrom(base, score, world)
      return share === null ? '\u2013' : percent(share)
    })
  const [scripted] = world.policies
  const rows = finishedSeries(world).map((series) => {
    const { iqm, low, high } = series.summary
    const interval = bases.slice(0, 1).map((base) => {
      if (low === null || high === null) return '\u2013'
      const [best, worst] = [regretFrom(base, high, world), regretFrom(base, low, world)]
      return best === null || worst === null ? '\u2013' : `${percent(best)} to ${percent(worst)}`
    })
    const [first, ...rest] = against(iqm)
    const name = html`${swatch(series)}${series.label}`
    return { cells: [name, format(iqm), first!, ...interval, ...rest], kind: 'learner' as const }
  })
  const [first, ...rest] = bases.map((base) => ({ name: `against the ${base.name}`, number: true }))
  const columns = [
    { name: 'learner' },
    { name: 'score', number: true },
    first!,
    { name: '95% interval', number: true },
    ...rest,
  ]
  const script =
    scripted === undefined
      ? []
      : [
          {
            cells: [
              html`${swatch(null)}best scripted: ${scripted.name}`,
              format(scripted.value),
              against(scripted.value)[0]!,
              '\u2013',
              ...against(scripted.value).slice(1),
            ],
            kind: 'other' as const,
          },
        ]
  return table('Regret of the last policies', columns, [...rows, ...script])
}
