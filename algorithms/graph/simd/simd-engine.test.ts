import { describe } from 'vitest'
import { engineConformance } from '../testing/engine-conformance.js'
import { SimdEngine } from './simd-engine.js'

describe('the simd engine', () => {
  engineConformance((seeds) => new SimdEngine(seeds), 1e-6)
})
