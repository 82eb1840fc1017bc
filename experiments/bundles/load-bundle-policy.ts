import { existsSync } from 'node:fs'
import { bundleManifestSchema } from '#algorithms/bundle/bundle-schema.js'
import { loadPolicy } from '#algorithms/bundle/load-policy.js'
import type { PolicyBundle } from '#algorithms/bundle/policy-bundle.js'
import { isShippedKind, type PolicyLoader, teamReader } from '#algorithms/bundle/policy-kinds.js'
import type { LearnerEntry } from '#algorithms/learner.js'
import type { SeatReader } from '#algorithms/team/team-policy.js'
import { canonicalJson } from '#env/canonical-json.js'
import { BundleError } from '#env/errors.js'
import type { Policy } from '#env/policy.js'
import type { EnvSpec } from '#env/spec.js'
import { findEntry, type Registry, shipped } from '../modules/registry.js'
import { userEntry } from '../modules/user-entry.js'
import { loadUserFile } from '../modules/user-file.js'
import { naming } from './read-bundle.js'

/**
 * The policy of a bundle, of a kind that ships or of a learner's own: then the learner's file is imported, once its sha256 is that
 * of the file which trained the policy, and its `loadPolicy` reads it.
 * @param folder - of the bundle: errors name it
 * @param registry - knows learners given in code
 * @throws BundleError when it can't be read, or doesn't fit the spec
 * @throws UserModuleError when the learner's file doesn't load
 */
export async function loadBundlePolicy(
  folder: string,
  bundle: PolicyBundle,
  spec: EnvSpec,
  registry: Registry = shipped,
): Promise<Policy> {
  const { kind, loader } = bundle.description
  const reader = await ownReaders(folder, bundle, registry)
  if (kind === 'team') return naming(folder, () => loadPolicy(bundle, spec, { team: teamReader(reader) }))
  if (isShippedKind(kind)) return naming(folder, () => loadPolicy(bundle, spec))
  return naming(folder, () => loadPolicy(bundle, spec, { [kind]: reader(kind, loader)! }))
}

/**
 * What reads the policies of a bundle whose kinds don't ship: its own, or those of a team's seats.
 * @throws as `loadBundlePolicy`
 */
export async function ownReaders(folder: string, bundle: PolicyBundle, registry: Registry): Promise<SeatReader> {
  const { kind, details, loader } = bundle.description
  const readers = new Map<string, PolicyLoader>()
  for (const part of ownParts({ kind, details, loader })) {
    const key = keyOf(part.kind, part.loader)
    if (!readers.has(key)) readers.set(key, await ownLoader(folder, part, registry))
  }
  return (one, where) => readers.get(keyOf(one, where))
}

function keyOf(kind: string, loader: unknown): string {
  return canonicalJson([kind, loader ?? null])
}

/** A policy, or a seat's of a team, as bundles describe it. */
interface Part {
  readonly kind: string
  readonly details?: unknown
  readonly loader?: unknown
}

/** The parts whose kinds don't ship; what is no part is left to `loadPolicy` to refuse. */
function ownParts(part: Part): Part[] {
  if (part.kind !== 'team') return isShippedKind(part.kind) ? [] : [part]
  const { seats } = (part.details ?? {}) as { seats?: unknown }
  const described = Array.isArray(seats) ? (seats as (Part | null)[]) : []
  return described.flatMap((seat) => (typeof seat?.kind === 'string' ? ownParts(seat) : []))
}

async function ownLoader(folder: string, part: Part, registry: Registry): Promise<PolicyLoader> {
  const { kind } = part
  const { success, data: loader } = bundleManifestSchema.shape.loader.safeParse(part.loader)
  const refuse = (message: string) => new BundleError(`${folder}: policy bundle: ${message}`)
  if (!success || loader === undefined) {
    throw refuse(
      `its policy kind "${kind}" doesn't ship, and it names no learner that reads it; train the policy again`,
    )
  }
  if ('name' in loader) {
    const entry = findEntry(await registry.learners(), loader.name)
    if (entry?.loadPolicy !== undefined) return readBy(entry)
    throw refuse(
      `its policy kind "${kind}" is read by the learner "${loader.name}", which was given in code; from code, give it again: bench(suite, { learners: [learner] }), or loadPolicy(bundle, spec, { ${JSON.stringify(kind)}: learner.loadPolicy })`,
    )
  }
  const { file, sha256 } = loader
  if (!existsSync(file)) {
    throw refuse(
      `its policy kind "${kind}" is read by the learner in ${file}, which is not there; put the file back, the one with sha256 ${sha256}`,
    )
  }
  const loaded = await loadUserFile(file, '/', {
    sha256,
    changed: (got) =>
      refuse(
        `its policy kind "${kind}" is read by the learner in ${file}, which changed since: its sha256 is ${got}, that of the training ${sha256}; put that version back, or train again`,
      ),
  })
  const entry = userEntry(loaded, 'algorithm') as unknown as LearnerEntry
  if (entry.loadPolicy !== undefined) return readBy(entry)
  throw refuse(
    `the learner in ${file} has no loadPolicy(stored, spec) for its policy kind "${kind}"; add it and train again`,
  )
}

function readBy(entry: LearnerEntry): PolicyLoader {
  return (stored, spec) => entry.loadPolicy!(stored, spec)
}
