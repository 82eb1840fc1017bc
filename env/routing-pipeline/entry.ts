import { defineEnv } from '../registry.js'
import { type RoutingPipelineConfig, routingPipelineConfig } from './config.js'
import { pipelineFlow } from './pipeline-flow.js'
import { ROUTING_PIPELINE_VERSION } from './pipeline-view.js'
import { pipelinePolicies } from './policies/scripted.js'
import { RoutingPipeline } from './routing-pipeline.js'

export const routingPipeline = defineEnv<RoutingPipelineConfig>({
  name: 'routing-pipeline',
  aliases: ['pipeline'],
  summary: 'answer a question stage by stage: whom to call next, when to ask back or hand over',
  version: ROUTING_PIPELINE_VERSION,
  schema: routingPipelineConfig,
  create: (config) => new RoutingPipeline(config),
  policies: pipelinePolicies,
  policyFlow: pipelineFlow,
})
