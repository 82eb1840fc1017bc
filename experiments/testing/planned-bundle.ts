import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeAgents } from '#algorithms/bundle/load-policy.js'
import { encodeBundle } from '#algorithms/bundle/policy-bundle.js'
import { plannedPolicy } from '#algorithms/planning/planned-policy.js'
import { qValues } from '#algorithms/planning/q-values.js'
import { valueIteration } from '#algorithms/planning/value-iteration.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import type { EnvEntry } from '#env/registry.js'

/** Writes the bundle of an environment's best policy at gamma 0.99, with the settings that it was made for. */
export function writePlannedBundle(folder: string, entry: EnvEntry, settings: object = {}): void {
  const config = entry.schema.parse(settings) as { readonly [key: string]: never }
  const env = entry.create(config)
  const mdp = toJointMdp(env)
  const { value } = valueIteration(mdp, { discount: 0.99, epsilon: 1e-9 })
  const policy = plannedPolicy(mdp, env.spec, qValues(mdp, value, 0.99))
  const files = encodeBundle(
    {
      environment: { id: env.spec.id, version: env.spec.version, config },
      observes: 'global',
      agents: describeAgents(env.spec),
      encoder: null,
      algorithm: { name: 'value-iteration', version: '1', config: {} },
      training: { run: null, trial: null, steps: 0, seed: 0 },
      evaluation: {},
    },
    policy.export!()!,
  )
  mkdirSync(folder, { recursive: true })
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
}
