import type { Policy, PolicyExport } from '#env/policy.js'
import type { EnvSpec } from '#env/spec.js'
import { loadAfterstatePolicy } from '../afterstate/afterstate-policy.js'
import { loadGraphPolicy } from '../deep/graph-policy.js'
import { loadLinearPolicy } from '../linear/linear-policy.js'
import { loadTabularPolicy } from '../tabular/load-tabular-policy.js'
import { loadTeamPolicy, type SeatReader } from '../team/team-policy.js'

/** Makes a policy again from what `export` gave. @throws BundleError when it doesn't fit the spec */
export type PolicyLoader = (stored: PolicyExport, spec: EnvSpec) => Policy

/** The kinds of policies that ship, and that every bundle can hold. */
export const policyLoaders: { readonly [kind: string]: PolicyLoader } = {
  tabular: loadTabularPolicy,
  linear: loadLinearPolicy,
  graph: (stored, spec) => loadGraphPolicy(stored, spec),
  afterstate: loadAfterstatePolicy,
  team: teamReader(() => undefined),
}

/** Reads teams, and teams within teams. @param own - what reads the policies of seats whose kind doesn't ship */
export function teamReader(own: SeatReader): PolicyLoader {
  const seat: SeatReader = (kind, loader) => {
    if (kind === 'team') return read
    return isShippedKind(kind) ? policyLoaders[kind] : own(kind, loader)
  }
  const read: PolicyLoader = (stored, spec) => loadTeamPolicy(stored, spec, seat)
  return read
}

/** Whether a kind of policies ships with Cadre, so that no learner's `loadPolicy` is needed to read it. */
export function isShippedKind(kind: string): boolean {
  return Object.hasOwn(policyLoaders, kind)
}
