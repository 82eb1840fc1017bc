import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { textPolicy } from '#agents/testing/text-policy.js'
import { describeAgents } from '#algorithms/bundle/load-policy.js'
import { encodeBundle } from '#algorithms/bundle/policy-bundle.js'
import type { FittedEncoder } from '#env/data-contract.js'

/**
 * Writes the bundle of a text policy, as a run does, and gives back what it was made of.
 * @param fitted - the encoder to store; null: none
 */
export function writeTextBundle(
  folder: string,
  made: ReturnType<typeof textPolicy>,
  fitted: FittedEncoder | null = made.fitted,
): typeof made {
  const { spec, policy } = made
  const files = encodeBundle(
    {
      environment: { id: spec.id, version: spec.version, config: {} },
      observes: 'local',
      agents: describeAgents(spec),
      encoder: null,
      algorithm: { name: 'linear-q', version: '1', config: {} },
      training: { run: null, trial: null, steps: 0, seed: 0 },
      evaluation: {},
    },
    policy.export(),
    fitted ?? undefined,
  )
  mkdirSync(folder, { recursive: true })
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
  return made
}
