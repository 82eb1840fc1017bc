import { z } from 'zod'
import type { Engine } from '../graph/engine.js'
import { ReferenceEngine } from '../graph/reference/reference-engine.js'

export const engineNames = ['reference'] as const
export type EngineName = (typeof engineNames)[number]

/** Which engine computes. Never chosen by what the machine has: a config gives the same result everywhere. */
export const engineConfig = z.enum(engineNames).default('reference').describe('reference: plain f64, slow')

/** The one place where engines are made. */
export function openEngine(_name: EngineName): Engine {
  return new ReferenceEngine()
}
