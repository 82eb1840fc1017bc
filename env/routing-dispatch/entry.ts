import { defineEnv } from '../registry.js'
import { type ArrivalTrace, readArrivalTrace } from './arrival-trace.js'
import { type RoutingDispatchConfig, resolveInstance, routingDispatchConfig } from './config.js'
import { ROUTING_DISPATCH_VERSION } from './dispatch-view.js'
import { dispatchTrace } from './events.js'
import { dispatchPolicies } from './policies/scripted.js'
import { dispatchPolicyView } from './policy-view.js'
import { RoutingDispatch } from './routing-dispatch.js'
import { SampledDispatch } from './sampled-dispatch.js'
import { whySampled } from './why-sampled.js'

export const routingDispatch = defineEnv<RoutingDispatchConfig>({
  name: 'routing-dispatch',
  aliases: ['dispatch'],
  summary: 'LLM agents with queues, skills and prices claim queries from one inbox',
  version: ROUTING_DISPATCH_VERSION,
  schema: routingDispatchConfig,
  create: (config, world) =>
    whySampled(config) === null
      ? new RoutingDispatch(config)
      : new SampledDispatch(config, world as ArrivalTrace | undefined),
  recording: {
    source: ({ arrivals }) => (arrivals.kind === 'trace' ? { key: ['arrivals', 'file'], path: arrivals.file } : null),
    read: (config, text, file) => {
      const names = resolveInstance(config).types.map(({ name }) => name)
      return readArrivalTrace(text, names, config.tickMs, file)
    },
  },
  policies: dispatchPolicies,
  policyView: dispatchPolicyView,
  trace: dispatchTrace,
})
