import type { EnvEntry } from './registry.js'
import { routingDispatch } from './routing-dispatch/entry.js'

/** The environments that ship with Cadre, in the order lists show them. */
export const environments: readonly EnvEntry[] = [routingDispatch]
