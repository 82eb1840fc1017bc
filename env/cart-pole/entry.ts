import { defineEnv } from '../registry.js'
import { CART_POLE_VERSION, CartPole } from './cart-pole.js'
import { type CartPoleConfig, cartPoleConfig } from './config.js'
import { cartPoleTrace } from './trace.js'

export const cartPole = defineEnv<CartPoleConfig>({
  name: 'cart-pole',
  aliases: ['CartPole-v1'],
  summary: 'one agent pushes a cart left or right to keep a pole upright (Gymnasium)',
  version: CART_POLE_VERSION,
  schema: cartPoleConfig,
  create: (config) => new CartPole(config),
  trace: cartPoleTrace,
})
