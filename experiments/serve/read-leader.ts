import { resolve } from 'node:path'
import { Controller } from '#agents/control/controller.js'
import { PolicyRanker } from '#agents/control/policy-ranker.js'
import type { Ranker } from '#agents/control/ranking.js'
import { Always, RoundRobin, UniformDraw } from '#agents/control/rules.js'
import type { PolicyIdentity } from '#agents/gateway/record-decision.js'
import type { Team } from '#agents/team/team-schema.js'
import { liveSpec } from '#algorithms/bundle/live-spec.js'
import { loadEncoder } from '#algorithms/bundle/load-encoder.js'
import { BundleError } from '#env/errors.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { loadBundlePolicy } from '../bundles/load-bundle-policy.js'
import { readBundle } from '../bundles/read-bundle.js'

/** What leads a team. */
export interface Leader {
  readonly ranker: Ranker
  readonly policy: PolicyIdentity
  /** Names of the agents that it ranks, in the order of its numbers; undefined for rules, which rank any. */
  readonly models: readonly string[] | undefined
}

/**
 * The policy that a team names.
 * @param baseDir - absolute folder that its path is relative to
 * @param seed - of its draws
 * @throws BundleError when it can't be served
 */
export async function readLeader({ policy, agents }: Team, baseDir: string, seed: number): Promise<Leader> {
  if (typeof policy === 'string') {
    refuseQueues(policy, baseDir)
    return readRouter(policy, baseDir, seed)
  }
  const { use } = policy
  const first = Math.max(
    0,
    agents.findIndex(({ name }) => name === policy.agent),
  )
  const rules = {
    'round-robin': () => new RoundRobin(agents.length),
    random: () => new UniformDraw(agents.length, `random-${seed}`),
    always: () => new Always(agents.length, first),
  }
  return {
    ranker: rules[use as keyof typeof rules](),
    policy: { name: use, sha256: null, version: null, encoder: null },
    models: undefined,
  }
}

/** @throws BundleError where the policy of a router is one for a team with queues */
function refuseQueues(use: string, baseDir: string): void {
  if (isRule(use)) return
  const { environment, encoder } = readBundle(resolve(baseDir, use)).description
  if (environment.id !== routingDispatch.name || encoder !== null) return
  const tickMs = (environment.config as { readonly tickMs?: number }).tickMs ?? 1000
  throw new BundleError(
    `this bundle is for a team with queues: add \`dispatch: { tickMs: ${tickMs} }\`, or serve a policy trained on texts`,
  )
}

function isRule(use: string): boolean {
  return ['round-robin', 'random', 'always'].includes(use)
}

/**
 * A policy trained on texts, as a ranker of what it chooses between.
 * @throws BundleError when it can't be served
 */
export async function readRouter(
  use: string,
  baseDir: string,
  seed: number,
): Promise<Leader & { readonly models: readonly string[] }> {
  if (isRule(use)) {
    throw new BundleError(`"${use}" is a rule, not a folder; write policy: { use: ${use} }`)
  }
  const folder = resolve(baseDir, use)
  const bundle = readBundle(folder)
  const { encoder: described, sha256, algorithm } = bundle.description
  const encoder = loadEncoder(bundle)
  if (encoder === null || described === null) {
    throw new BundleError(`policy bundle: it has no encoder, and prompts are text; serve a policy trained on texts`)
  }
  if (described.fields.some((field) => field !== 'text')) {
    throw new BundleError(
      `policy bundle: its encoder reads ${described.fields.join(', ')}; a request has its text only: train without the group as a feature`,
    )
  }
  const spec = liveSpec(bundle.description, encoder)
  const router = new PolicyRanker(
    new Controller(await loadBundlePolicy(folder, bundle, spec), spec, encoder, { seed: `control-${seed}` }),
  )
  const { name, version } = algorithm
  return {
    ranker: router,
    policy: { name, sha256, version, encoder: { id: encoder.id, version: encoder.version } },
    models: router.models,
  }
}
