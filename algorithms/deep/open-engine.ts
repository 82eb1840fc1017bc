import { z } from 'zod'
import type { Engine } from '../graph/engine.js'
import { ReferenceEngine } from '../graph/reference/reference-engine.js'
import { SimdEngine } from '../graph/simd/simd-engine.js'

export const engineNames = ['simd', 'reference'] as const
export type EngineName = (typeof engineNames)[number]

/** Which engine computes. Never chosen by what the machine has: a config gives the same result everywhere. */
export const engineConfig = z
  .enum(engineNames)
  .default('simd')
  .describe('simd: WebAssembly, f32; reference: plain f64, hundreds of times slower, to compare with')

/** The one place where engines are made. */
export function openEngine(name: EngineName): Engine {
  return name === 'simd' ? new SimdEngine() : new ReferenceEngine()
}
