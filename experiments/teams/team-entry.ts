import { z } from 'zod'
import { isShippedKind, teamReader } from '#algorithms/bundle/policy-kinds.js'
import { requireMethods } from '#algorithms/conformance/learner-methods.js'
import type { LearnerContext, LearnerEntry } from '#algorithms/learner.js'
import { FrozenLearner } from '#algorithms/team/frozen-learner.js'
import { type LearnerSeat, TeamLearner } from '#algorithms/team/team-learner.js'
import type { SeatReader } from '#algorithms/team/team-policy.js'
import { canonicalJson } from '#env/canonical-json.js'
import { BundleError, ConfigError, SpaceError } from '#env/errors.js'
import type { Json } from '#env/json.js'
import type { SlotNeeds } from '#env/slot.js'
import type { EnvSpec } from '#env/spec.js'
import { loadBundlePolicy, ownReaders } from '../bundles/load-bundle-policy.js'
import { loaderOf } from '../bundles/loader-of.js'
import { readBundle } from '../bundles/read-bundle.js'
import type { Registry } from '../modules/registry.js'
import type { ModuleRef, PlannedSeat } from '../plan/trial-plan.js'

/** A seat with what it stands for looked up: a learner with its settings, or the policy of a bundle. */
export interface TeamSeat {
  /** Names of its agents. */
  readonly agents: readonly string[]
  readonly learner: {
    readonly entry: LearnerEntry
    readonly config: Json
    /** Where it comes from: bundles name it where its policy's kind doesn't ship. */
    readonly ref?: ModuleRef
  } | null
  readonly bundle: { readonly folder: string; readonly sha256: string } | null
}

/** Changes whenever teams learn otherwise. */
export const TEAM_VERSION = '1'

/** What decides a team's results, as settings: who sits where, of which version, with which settings. Paths are left out. */
export function teamConfig(seats: readonly PlannedSeat[]): Json {
  const who = seats.map(({ agents, learner, bundle }): Json => {
    if (bundle !== null) return { agents: [...agents], bundle: bundle.sha256 }
    const { name, version, config, sha256 } = learner!
    return { agents: [...agents], learner: name, version, config, sha256 }
  })
  return { seats: who }
}

/**
 * A team as one learner: each seat learns, or plays a bundle's policy, for its own agents.
 * @param registry - knows learners given in code, which read policies of their own kind
 */
export function teamEntry(seats: readonly TeamSeat[], registry: Registry): LearnerEntry {
  // What reads the policies of partners, found as they are loaded.
  const partners: SeatReader[] = []
  const reader: SeatReader = (kind, loader) => {
    const own = seats.find(({ learner }) => isSame(loader, learner?.ref && loaderOf(learner.ref)))?.learner?.entry
    if (own?.loadPolicy !== undefined) return (stored, spec) => own.loadPolicy!(stored, spec)
    for (const partner of partners) {
      const found = partner(kind, loader)
      if (found !== undefined) return found
    }
    return undefined
  }
  return {
    name: 'team',
    aliases: [],
    summary: 'a team of several learners and partners',
    version: TEAM_VERSION,
    schema: z.any(),
    needs: () => joinedNeeds(seats),
    forms: {
      async arrays(context) {
        const made = await Promise.all(
          seatsIn(context.spec, seats).map(async ({ seat, agents }, p) => {
            const own: LearnerContext = { ...context, agents, rng: context.rng.fork(`seat-${p}`) }
            return { agents, ...(await seated(seat, own, registry, partners)) }
          }),
        )
        return new TeamLearner(context.spec, context.rows, made)
      },
    },
    loadPolicy: teamReader(reader),
  }
}

function isSame(loader: Json | undefined, other: Json | undefined): boolean {
  return loader !== undefined && other !== undefined && canonicalJson(loader) === canonicalJson(other)
}

/** The learner of a seat, and where its policy's reader is. @param partners - gets the readers of a bundle's policies */
async function seated(
  { learner, bundle }: TeamSeat,
  context: LearnerContext,
  registry: Registry,
  partners: SeatReader[],
): Promise<Omit<LearnerSeat, 'agents'>> {
  const named = (loader: Json | undefined) => ({
    loader: (kind: string) => (isShippedKind(kind) ? undefined : loader),
  })
  if (learner !== null) {
    const { entry, config, ref } = learner
    if (entry.forms.arrays === undefined) {
      throw new ConfigError([{ path: '', message: `${entry.name} has no form of arrays, in which teams learn` }])
    }
    const made = requireMethods(entry.name, await entry.forms.arrays(context, config))
    return { learner: made, ...named(ref && loaderOf(ref)) }
  }
  const { folder, sha256 } = bundle!
  const read = readBundle(folder)
  if (read.description.sha256 !== sha256) {
    throw new BundleError(`${folder}: the bundle changed after the run was planned; start the command again`)
  }
  const policy = await loadBundlePolicy(folder, read, context.spec, registry)
  partners.push(await ownReaders(folder, read, registry))
  return { learner: new FrozenLearner(context, policy), ...named(read.description.loader) }
}

/** The seats with their agents' numbers, in the order of their first agents. @throws SpaceError where they aren't the spec's */
function seatsIn(spec: EnvSpec, seats: readonly TeamSeat[]) {
  const names = spec.agents.map(({ name }) => name)
  const seated = seats.flatMap(({ agents }) => agents)
  const unknown = seated.find((name) => !names.includes(name))
  if (unknown !== undefined) {
    throw new SpaceError(`${spec.id} has no agent "${unknown}"; its agents are ${names.join(', ')}`)
  }
  const missing = names.filter((name) => !seated.includes(name))
  if (missing.length > 0) {
    throw new SpaceError(`the agents ${missing.join(', ')} of ${spec.id} have no seat; say who plays them`)
  }
  return seats
    .map((seat) => ({ seat, agents: seat.agents.map((name) => names.indexOf(name)).sort((a, b) => a - b) }))
    .sort((a, b) => a.agents[0]! - b.agents[0]!)
}

/** What any seat reads. */
function joinedNeeds(seats: readonly TeamSeat[]): SlotNeeds {
  // Policies of bundles read whatever they were trained on.
  const needs = seats.map(({ learner }): SlotNeeds => learner?.entry.needs?.(learner.config) ?? {})
  return {
    observation: needs.some(({ observation }) => observation !== false),
    state: needs.some(({ state }) => state !== false),
    actionReward: needs.some(({ actionReward }) => actionReward === true),
  }
}
