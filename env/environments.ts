import type { EnvEntry } from './registry.js'

/** The environments that ship with Cadre, in the order lists show them. */
export const environments: readonly EnvEntry[] = []
