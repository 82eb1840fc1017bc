import { z } from 'zod'
import type { TraceContract } from '../trace/trace-contract.js'

/** [x, xDot, theta, thetaDot]: m, m/s, rad, rad/s. */
const stateNumbers = z.array(z.number()).length(4)

/** The start of an episode. */
export const cartPoleInitial = z.strictObject({ state: stateNumbers })

/** The state after a step. */
export const cartPoleState = z.strictObject({ state: stateNumbers }).partial()

/** Nothing is drawn in a step. */
export const cartPoleTrace: TraceContract = { initial: cartPoleInitial, state: cartPoleState, events: null }
