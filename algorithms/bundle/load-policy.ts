import { canonicalJson } from '#env/canonical-json.js'
import { BundleError, unknownNameMessage } from '#env/errors.js'
import type { Policy } from '#env/policy.js'
import { type ActionSpace, headSizes } from '#env/space.js'
import type { EnvSpec } from '#env/spec.js'
import type { BundleManifest } from './bundle-schema.js'
import { loadEncoder } from './load-encoder.js'
import type { PolicyBundle } from './policy-bundle.js'
import { type PolicyLoader, policyLoaders, teamReader } from './policy-kinds.js'

/**
 * Makes the policy of a bundle for an environment.
 * @param loaders - by kind; the shipped ones unless told otherwise. Of a kind of one's own: `{ mine: entry.loadPolicy }`,
 * which reads the seats of a team too
 * @throws BundleError when the kind is unknown, agents or actions differ, a table doesn't fit the spec, or the encoder's
 * width isn't that of the features that agents see
 */
export function loadPolicy(
  bundle: PolicyBundle,
  spec: EnvSpec,
  loaders: { readonly [kind: string]: PolicyLoader } = policyLoaders,
): Policy {
  const { kind, agents, observes } = bundle.description
  const find = (name: string) => (Object.hasOwn(loaders, name) ? loaders[name] : undefined)
  const load = find(kind) ?? (kind === 'team' ? teamReader(find) : undefined)
  if (load === undefined) {
    const { loader } = bundle.description
    const reads = loader === undefined ? '' : `; the learner ${'file' in loader ? loader.file : loader.name} reads it`
    throw new BundleError(`policy bundle: ${unknownNameMessage('policy kind', kind, Object.keys(loaders))}${reads}`)
  }
  const sized = agents.some(({ observationSize }) => observationSize !== undefined)
  const expected = canonicalJson(sized ? describeSizedAgents(spec) : describeAgents(spec))
  if (canonicalJson(agents) !== expected) {
    throw new BundleError(
      `policy bundle: made for the agents ${canonicalJson(agents)}, ${spec.id} has ${expected}; load it for its own environment`,
    )
  }
  checkEncoderFits(bundle, spec)
  const policy = load(bundle.policy, spec)
  if (policy.observes !== observes) {
    throw new BundleError(
      `policy bundle: policy.json says it observes ${observes}, its contents observe ${policy.observes}`,
    )
  }
  return policy
}

function checkEncoderFits(bundle: PolicyBundle, spec: EnvSpec): void {
  const encoder = loadEncoder(bundle)
  if (encoder === null) return
  for (const { name, numFeatures = 0 } of spec.agents) {
    if (numFeatures === encoder.size) continue
    throw new BundleError(
      `policy bundle: its encoder gives ${encoder.size} columns, agent "${name}" of ${spec.id} sees ${numFeatures}; encode with the bundle's own encoder`,
    )
  }
}

/**
 * Refuses a bundle made for another environment, version or configuration.
 * @throws BundleError naming what differs
 */
export function checkBundleFits(
  bundle: PolicyBundle,
  environment: { readonly id: string; readonly version: string; readonly config: object },
): void {
  const made = bundle.description.environment
  const refuse = (what: string, expected: unknown, got: unknown): never => {
    throw new BundleError(
      `policy bundle: made for another ${what}: ${canonicalJson(got)}, here it is ${canonicalJson(expected)}; train a policy for this one`,
    )
  }
  if (made.id !== environment.id) refuse('environment', environment.id, made.id)
  if (made.version !== environment.version) refuse(`version of ${made.id}`, environment.version, made.version)
  const here = canonicalJson(environment.config)
  if (canonicalJson(made.config) !== here) refuse(`configuration of ${made.id}`, environment.config, made.config)
}

/**
 * The agents of a spec and their actions by name, as bundles list them; actions without labels by number. Agents that hear others
 * have their bandwidth.
 */
export function describeAgents(spec: EnvSpec): BundleManifest['agents'] {
  return spec.agents.map(({ name, action, messages = 0 }) => {
    return { name, actionNames: namesOf(action), ...(messages > 0 ? { messages } : {}) }
  })
}

/** The same with the numbers that each observes: all that it takes to serve a policy whose details aren't known. */
export function describeSizedAgents(spec: EnvSpec): BundleManifest['agents'] {
  return describeAgents(spec).map((agent, i) => ({ ...agent, observationSize: spec.agents[i]!.observation.size }))
}

function namesOf(space: ActionSpace): string[] {
  if (space.kind === 'discrete' && space.labels !== undefined) return [...space.labels]
  // Choices made at once are named by head and action.
  if (space.kind === 'multi-discrete') {
    return space.sizes.flatMap((size, head) => Array.from({ length: size }, (_, action) => `${head}:${action}`))
  }
  return Array.from({ length: headSizes(space)[0]! }, (_, action) => String(action))
}
