import { UsageError } from '../errors.js'
import { defineEnv } from '../registry.js'
import { type CascadeWorld, profileWorld } from './cascade-world.js'
import { type RoutingCascadeConfig, routingCascadeConfig } from './config.js'
import { cascadePolicies } from './policies/scripted.js'
import { prepareCascade } from './prepare.js'
import { ROUTING_CASCADE_VERSION, RoutingCascade } from './routing-cascade.js'

export const routingCascade = defineEnv<RoutingCascadeConfig>({
  name: 'routing-cascade',
  aliases: ['cascade'],
  summary: 'choose a model for each query, or several one after another, by recorded outcomes or a profile',
  version: ROUTING_CASCADE_VERSION,
  schema: routingCascadeConfig,
  create: (config, world) => new RoutingCascade(config, worldOf(config, world)),
  data: {
    source: ({ outcomes, models }) =>
      outcomes === null
        ? null
        : { key: 'outcomes', name: outcomes, models: models?.map((model) => model.name) ?? null },
    prepare: prepareCascade,
  },
  policies: cascadePolicies,
})

function worldOf(config: RoutingCascadeConfig, world: unknown): CascadeWorld {
  if (config.outcomes === null) return profileWorld(config)
  if (world === undefined) {
    throw new UsageError(
      `routing-cascade: made without the outcome table "${config.outcomes}"; pass the world that entry.data.prepare gives`,
    )
  }
  return world as CascadeWorld
}
