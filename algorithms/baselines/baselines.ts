import type { PolicyEntry } from '#env/registry.js'
import { matrixFactorisation } from '../supervised/matrix-factorisation.js'
import { nearestNeighbours } from '../supervised/nearest-neighbours.js'
import { ridge } from '../supervised/ridge-policy.js'
import { greedy } from './greedy.js'
import { random } from './random.js'
import { roundRobin } from './round-robin.js'
import { threshold } from './threshold.js'

/** Policies that know no particular environment, in the order lists show them. */
export const baselines: readonly PolicyEntry[] = [
  random,
  roundRobin,
  threshold,
  greedy,
  ridge,
  nearestNeighbours,
  matrixFactorisation,
]
