import type { LearnerEntry } from '#algorithms/learner.js'
import { bundleFolder } from '../bundles/bundle-folder.js'
import { readBundle } from '../bundles/read-bundle.js'
import { shipped } from '../modules/registry.js'
import { resolveLearner } from '../modules/resolve.js'
import { plannedEntry } from '../plan/planned-entry.js'
import type { PlannedSeat } from '../plan/trial-plan.js'
import { type TeamSeat, teamConfig, teamEntry } from '../teams/team-entry.js'
import { type EntryReader, entriesOf } from './entry-reader.js'
import { memberKeys, teamKeys } from './experiment-schema.js'
import type { Budget, LoadedAlgorithm } from './loaded-experiment.js'
import { budgetOf } from './read-algorithms.js'

/**
 * Reads the `teams` of an experiment: of each agent, who plays it. Agents whose entry is the same name share one learner.
 * @param algorithms - of the same experiment: their labels stand for their settings
 */
export async function readTeams(
  reader: EntryReader,
  raw: unknown,
  labels: readonly string[],
  algorithms: readonly LoadedAlgorithm[],
  common: { readonly budget: Budget | undefined; readonly rows: number },
): Promise<LoadedAlgorithm[]> {
  const loaded: LoadedAlgorithm[] = []
  for (const [label, value] of entriesOf(raw)) {
    const path = ['teams', label]
    const { own, settings } = reader.split(path, value, teamKeys)
    if (own === undefined) continue
    if (algorithms.some((one) => one.label === label)) {
      reader.refuse(path, `"${label}" is an algorithm's label too; name the team otherwise`, 'key')
      continue
    }
    const budget = budgetOf(reader, path, own) ?? common.budget
    if (budget === undefined) {
      reader.refuse(path, 'has no budget; give steps, or passes, here or for the whole experiment', 'key')
      continue
    }
    const seats = await seatsOf(reader, path, settings, algorithms)
    if (seats === undefined) continue
    const planned = seats.map(({ planned }) => planned)
    loaded.push({
      label,
      entry: teamEntry(
        seats.map(({ seat }) => seat),
        reader.options.registry ?? shipped,
      ),
      ref: { use: 'team', sha256: null },
      config: teamConfig(planned),
      on: reader.on([...path, 'on'], own.on, labels),
      budget,
      rows: own.rows ?? common.rows,
      form: 'arrays',
      team: planned,
    })
  }
  return loaded
}

/** A seat as it is planned, and as it is looked up. */
interface ReadSeat {
  readonly planned: PlannedSeat
  readonly seat: TeamSeat
}

/** Undefined where an entry can't be read; the problems are noted. */
async function seatsOf(
  reader: EntryReader,
  path: readonly string[],
  members: Record<string, unknown>,
  algorithms: readonly LoadedAlgorithm[],
): Promise<readonly ReadSeat[] | undefined> {
  if (Object.keys(members).length === 0) {
    return reader.refuse(path, 'has no agents; give each agent a learner or a bundle, by its name', 'key')
  }
  const bySpelling = new Map<string, ReadSeat>()
  const seats: ReadSeat[] = []
  let failed = false
  for (const [agent, value] of Object.entries(members)) {
    const spelled = typeof value === 'string' ? value : undefined
    const same = spelled === undefined ? undefined : bySpelling.get(spelled)
    if (same !== undefined) {
      const joined = withAgent(same, agent)
      seats[seats.indexOf(same)] = joined
      bySpelling.set(spelled!, joined)
      continue
    }
    const read = await readMember(reader, [...path, agent], agent, value, algorithms)
    if (read === undefined) failed = true
    else {
      seats.push(read)
      if (spelled !== undefined) bySpelling.set(spelled, read)
    }
  }
  return failed ? undefined : seats
}

function withAgent({ planned, seat }: ReadSeat, agent: string): ReadSeat {
  const agents = [...planned.agents, agent]
  return { planned: { ...planned, agents }, seat: { ...seat, agents } }
}

async function readMember(
  reader: EntryReader,
  path: readonly string[],
  agent: string,
  value: unknown,
  algorithms: readonly LoadedAlgorithm[],
): Promise<ReadSeat | undefined> {
  const known = algorithms.find(({ label }) => label === value)
  if (known !== undefined) return learnerSeat(agent, known.label, known)
  const { own, settings } = reader.split(path, typeof value === 'string' ? { use: value } : value, memberKeys)
  if (own === undefined) return undefined
  const folder = bundleFolder(own.use, reader.baseDir)
  if (folder !== undefined) {
    const bundle = await reader.attempt([...path], () => readBundle(folder))
    if (bundle === undefined) return undefined
    const [extra] = Object.keys(settings)
    if (extra !== undefined) {
      return reader.refuse([...path, extra], 'the policy of a bundle has no settings; leave this out', 'key')
    }
    const found = { folder, sha256: bundle.description.sha256 }
    return {
      planned: { agents: [agent], learner: null, bundle: found },
      seat: { agents: [agent], learner: null, bundle: found },
    }
  }
  const resolved = await reader.attempt([...path], () => resolveLearner(own.use, reader.baseDir, reader.options))
  if (resolved === undefined) return undefined
  const config = reader.settings(path, resolved.entry.schema, settings, memberKeys)
  return config === undefined ? undefined : learnerSeat(agent, own.use, { ...resolved, config })
}

function learnerSeat(
  agent: string,
  label: string,
  { entry, ref, config }: Pick<LoadedAlgorithm, 'ref' | 'config'> & { readonly entry: LearnerEntry },
): ReadSeat {
  const learner = plannedEntry({ label, entry, ref, config })
  return {
    planned: { agents: [agent], learner, bundle: null },
    seat: { agents: [agent], learner: { entry, config, ref }, bundle: null },
  }
}
