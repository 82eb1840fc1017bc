import { defineEnv } from '../registry.js'
import { type GarnetConfig, garnetConfig } from './config.js'
import { GARNET_VERSION, Garnet } from './garnet.js'

export const garnet = defineEnv<GarnetConfig>({
  name: 'garnet',
  aliases: [],
  summary: 'one agent in a random sparse problem, drawn from a seed (Archibald et al. 1995)',
  version: GARNET_VERSION,
  schema: garnetConfig,
  create: (config) => new Garnet(config),
})
