import { BundleError } from '#env/errors.js'
import type { Policy, PolicyExport } from '#env/policy.js'
import { type EnvSpec, layoutOf } from '#env/spec.js'
import { ownAgents } from '../own-choices.js'
import { AgentTables } from './agent-tables.js'
import { AuctionPolicy } from './auction-policy.js'
import { jointActions } from './joint-actions.js'
import { IndependentTabularPolicy, JointTabularPolicy } from './tabular-policy.js'

/**
 * Makes a tabular policy from a bundle's contents.
 * @throws BundleError when a table is missing or its shape doesn't fit the spec
 */
export function loadTabularPolicy(stored: PolicyExport, spec: EnvSpec): Policy {
  const table = (name: string, shape: readonly number[]): Float64Array => {
    const tensor = stored.tensors[name]
    if (tensor === undefined) throw new BundleError(`policy bundle: table "${name}" is missing`)
    if (tensor.shape.join('x') !== shape.join('x') || !(tensor.data instanceof Float64Array)) {
      throw new BundleError(
        `policy bundle: table "${name}" is [${tensor.shape.join(', ')}], expected f64 [${shape.join(', ')}] for ${spec.id}`,
      )
    }
    return tensor.data
  }
  const { tables, agents } = stored.details
  const own = ownAgents(spec, agents)
  if (tables === 'joint') {
    return new JointTabularPolicy(spec, table('q', [spec.numStates, jointActions(spec, own).count]), own)
  }
  if (tables !== 'independent') {
    throw new BundleError(`policy bundle: unknown kind of tables ${JSON.stringify(tables)}`)
  }
  const { heads } = layoutOf(spec)
  const { offset, width, length } = new AgentTables(spec, own)
  const values = new Float64Array(length)
  for (let choice = 0; choice + 1 < offset.length; choice++) {
    if (own?.includes(Math.floor(choice / heads)) === false) continue
    const rows = (offset[choice + 1]! - offset[choice]!) / width
    values.set(table(`q.${choice}`, [rows, width]), offset[choice])
  }
  const { execute } = stored.details
  if (execute === undefined) return new IndependentTabularPolicy(spec, values, undefined, own)
  if (execute === 'auction') return new AuctionPolicy(spec, values, own)
  throw new BundleError(
    `policy bundle: tables are executed as ${JSON.stringify(execute)}, expected "auction" or nothing`,
  )
}
