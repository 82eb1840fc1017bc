import { count, listed } from '../page/numbers.js'
import type { RunData } from '../store/run-data.js'

/** More differences than these are counted instead of named. */
const MOST_NAMED = 3

/**
 * A name for each run that tells it from the others by what differs: its experiment, its settings, its seeds, the code; runs
 * that differ in nothing but their time by that, and else by a number.
 */
export function runNames(runs: readonly RunData[]): string[] {
  const experiments = runs.map(({ manifest }) => manifest.experiment)
  const names = runs.map((run, i) => {
    const alike = runs.filter((_, k) => experiments[k] === experiments[i])
    const parts = alike.length === 1 ? [] : differences(run, alike)
    return [...(new Set(experiments).size > 1 || parts.length === 0 ? [experiments[i]!] : []), ...parts].join(
      ' \u00b7 ',
    )
  })
  return names.map((name, i) => {
    const same = names.flatMap((other, k) => (other === name ? [k] : []))
    return same.length === 1 ? name : `${name} (${same.indexOf(i) + 1})`
  })
}

/** What sets a run apart from others of its experiment, such as "initialValue 1". */
function differences(run: RunData, alike: readonly RunData[]): string[] {
  const facts = alike.map(factsOf)
  for (const kind of ['algorithms', 'environments'] as const) nameOnlyLabels(facts, alike, kind)
  const own = facts[alike.indexOf(run)]!
  const paths = [...new Set(facts.flatMap((one) => [...one.keys()]))]
  const differing = paths.filter((path) => new Set(facts.map((one) => one.get(path))).size > 1)
  // Code and time are said only where nothing that was asked for differs.
  const asked = differing.filter((path) => path !== CODE && path !== TIME)
  const named = asked.length > 0 ? asked : differing.slice(0, 1)
  const parts = named.slice(0, MOST_NAMED).map((path) => `${shortest(path, named)} ${own.get(path) ?? 'none'}`)
  return named.length > MOST_NAMED ? [...parts, `${named.length - MOST_NAMED} more settings`] : parts
}

/**
 * Where runs have different labels, the labels are what differs, and not the settings of those that only some have. What all have
 * is left to be compared.
 */
function nameOnlyLabels(
  facts: readonly Map<string, string>[],
  runs: readonly RunData[],
  kind: 'algorithms' | 'environments',
): void {
  const labels = runs.map(({ manifest }) => Object.keys(manifest[kind]))
  const some = [...new Set(labels.flat())].filter((label) => labels.some((of) => !of.includes(label)))
  for (const [i, own] of facts.entries()) {
    if (some.length > 0) own.set(kind, listed(labels[i]!))
    for (const path of own.keys()) {
      if (some.some((label) => path.startsWith(`${kind}.${label}.`))) own.delete(path)
    }
  }
}

const CODE = 'code'
const TIME = 'made'

/** All that a run was made with, by path; values as text. */
function factsOf({ manifest }: RunData): Map<string, string> {
  const facts = new Map<string, string>()
  const walk = (value: unknown, path: string) => {
    if (Array.isArray(value) && value.every((one) => typeof one !== 'object' || one === null)) {
      facts.set(path, path.endsWith('seeds') ? String(value.length) : listed(value.map(String)))
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) walk(inner, path === '' ? key : `${path}.${key}`)
    } else facts.set(path, String(value))
  }
  const { config, discount, seeds, algorithms, environments, trials, code, created } = manifest
  walk(config, '')
  facts.delete('name')
  facts.delete('description')
  facts.set('discount', String(discount))
  facts.set('seeds', String(seeds.length))
  const steps = [...new Set(trials.map((trial) => trial.steps))].sort((a, b) => a - b)
  facts.set('steps', listed(steps.map(count)))
  for (const [label, { name, config: settings }] of Object.entries(algorithms)) {
    facts.set(`algorithms.${label}.use`, name)
    walk(settings, `algorithms.${label}.config`)
  }
  for (const [label, { id, config: settings }] of Object.entries(environments)) {
    facts.set(`environments.${label}.use`, id)
    walk(settings, `environments.${label}.config`)
  }
  facts.set(CODE, `${code.version} (${code.sha256.slice(0, 7)})`)
  facts.set(TIME, created.slice(0, 16).replace('T', ' '))
  return facts
}

/** The end of a path that no other of the paths has. */
function shortest(path: string, paths: readonly string[]): string {
  const keys = path.split('.').filter((key) => key !== 'config')
  for (let from = keys.length - 1; from > 0; from--) {
    const end = keys.slice(from).join('.')
    const others = paths
      .filter((other) => other !== path)
      .map((other) => other.split('.').filter((key) => key !== 'config'))
    if (!others.some((other) => other.slice(-(keys.length - from)).join('.') === end)) return end
  }
  return keys.join('.')
}
