import { defineEnv } from '../registry.js'
import type { ArrivalTrace } from './arrival-trace.js'
import { type RoutingDispatchConfig, routingDispatchConfig } from './config.js'
import { ROUTING_DISPATCH_VERSION } from './dispatch-view.js'
import { dispatchTrace } from './events.js'
import { dispatchPolicies } from './policies/scripted.js'
import { dispatchPolicyView } from './policy-view.js'
import { hasExactModel, RoutingDispatch } from './routing-dispatch.js'
import { SampledDispatch } from './sampled-dispatch.js'

export const routingDispatch = defineEnv<RoutingDispatchConfig>({
  name: 'routing-dispatch',
  aliases: ['dispatch'],
  summary: 'LLM agents with queues, skills and prices claim queries from one inbox',
  version: ROUTING_DISPATCH_VERSION,
  schema: routingDispatchConfig,
  create: (config, world) =>
    hasExactModel(config)
      ? new RoutingDispatch(config)
      : new SampledDispatch(config, world as ArrivalTrace | undefined),
  policies: dispatchPolicies,
  policyView: dispatchPolicyView,
  trace: dispatchTrace,
})
