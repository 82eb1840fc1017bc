import type { Policy } from '#env/policy.js'
import type { RoutingDispatchConfig } from '#env/routing-dispatch/config.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { loadBundlePolicy } from '../bundles/load-bundle-policy.js'
import { policyFor } from '../bundles/policy-for.js'
import { readBundle } from '../bundles/read-bundle.js'
import type { TeamSolution } from './dispatch-optimum.js'
import { OptimumPolicy } from './optimum-policy.js'

/** Where the policy of a dispatched team comes from, as plain data: any thread can make it. */
export type PolicySource =
  | { readonly kind: 'bundle'; readonly folder: string }
  | { readonly kind: 'rule'; readonly use: string }
  | { readonly kind: 'optimum'; readonly solution: TeamSolution }

/** @throws BundleError when a bundle can't be served, or doesn't fit the team */
export async function policyOf(source: PolicySource, config: RoutingDispatchConfig): Promise<Policy> {
  if (source.kind === 'optimum') return new OptimumPolicy(config, source.solution)
  const { spec } = routingDispatch.create(config)
  if (source.kind === 'bundle') return loadBundlePolicy(source.folder, readBundle(source.folder), spec)
  const setting = { entry: routingDispatch, config: JSON.parse(JSON.stringify(config)), spec }
  return (await policyFor(source.use, setting, { baseDir: '/' })).policy
}
