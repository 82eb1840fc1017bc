import { defineEnv } from '../registry.js'
import { type RoutingDispatchConfig, routingDispatchConfig } from './config.js'
import { dispatchPolicies } from './policies/scripted.js'
import { dispatchPolicyView } from './policy-view.js'
import { ROUTING_DISPATCH_VERSION, RoutingDispatch } from './routing-dispatch.js'

export const routingDispatch = defineEnv<RoutingDispatchConfig>({
  name: 'routing-dispatch',
  aliases: ['dispatch'],
  summary: 'LLM agents with queues, skills and prices claim queries from one inbox',
  version: ROUTING_DISPATCH_VERSION,
  schema: routingDispatchConfig,
  create: (config) => new RoutingDispatch(config),
  policies: dispatchPolicies,
  policyView: dispatchPolicyView,
})
