import { carRental } from './car-rental/entry.js'
import { cartPole } from './cart-pole/entry.js'
import { cliffWalking } from './cliff-walking/entry.js'
import { forest } from './forest/entry.js'
import { frozenLake } from './frozen-lake/entry.js'
import { gambler } from './gambler/entry.js'
import { garnet } from './garnet/entry.js'
import { gridworld } from './gridworld/entry.js'
import { lbf } from './lbf/entry.js'
import { matrixGame } from './matrix-game/entry.js'
import type { EnvEntry } from './registry.js'
import { routingCascade } from './routing-cascade/entry.js'
import { routingDispatch } from './routing-dispatch/entry.js'
import { routingPipeline } from './routing-pipeline/entry.js'
import { taxi } from './taxi/entry.js'
import { twoStep } from './two-step/entry.js'

/** The environments that ship with Cadre, in the order lists show them. */
export const environments: readonly EnvEntry[] = [
  routingDispatch,
  routingCascade,
  routingPipeline,
  matrixGame,
  twoStep,
  gridworld,
  frozenLake,
  cartPole,
  lbf,
  taxi,
  cliffWalking,
  forest,
  gambler,
  carRental,
  garnet,
]
