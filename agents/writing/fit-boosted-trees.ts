import type { Rng } from '#env/rng.js'
import type { BoostedTrees } from './boosted-trees.js'

export interface BoostingSettings {
  readonly trees: number
  readonly depth: number
  readonly learningRate: number
  /** Pulls leaves towards 0. */
  readonly l2: number
  /** Least sum of second derivatives in a leaf. */
  readonly leastHessian: number
  /** Share of the features that a tree may ask, drawn anew for each. */
  readonly featureShare: number
  /** Share of the questions that a tree learns from, drawn anew for each. */
  readonly questionShare: number
}

/** Candidates of many questions: those of a question stand together. */
export interface RankingRows {
  readonly numFeatures: number
  /** [n * F] */
  readonly values: Float32Array
  /** [Q + 1] first row of each question. */
  readonly starts: Int32Array
  /** [n] how right a candidate is; sums to 1 over a question, or to 0 where none is right. */
  readonly target: Float32Array
}

const bins = 64

/**
 * Gradient boosting of regression trees (Friedman 2001) with second derivatives (Chen and Guestrin 2016, section 2.2), on histograms of
 * 64 bins. The loss is listwise (Cao et al. 2007): the cross-entropy of the targets and the softmax of the scores over the candidates
 * of a question, so that what is learned is which candidate to take.
 */
export function fitBoostedTrees(rows: RankingRows, settings: BoostingSettings, rng: Rng): BoostedTrees {
  const { numFeatures, starts, target } = rows
  const { trees, depth, learningRate } = settings
  const count = target.length
  const edges = binEdges(rows)
  const binned = binRows(rows, edges)
  const questions = (1 << depth) - 1
  const leaves = questions + 1
  const feature = new Int32Array(trees * questions)
  const threshold = new Float32Array(trees * questions).fill(Number.POSITIVE_INFINITY)
  const leaf = new Float32Array(trees * leaves)
  const scores = new Float64Array(count)
  const gradient = new Float64Array(count)
  const hessian = new Float64Array(count)
  const node = new Int32Array(count)
  const builder = new TreeBuilder(binned, numFeatures, edges, settings)
  for (let t = 0; t < trees; t++) {
    derivatives(scores, starts, target, gradient, hessian)
    const used = rowsOfDrawn(starts, settings.questionShare, rng)
    const asked = drawn(numFeatures, settings.featureShare, rng)
    node.fill(0)
    builder.grow(used, asked, gradient, hessian, node, {
      feature: feature.subarray(t * questions, (t + 1) * questions),
      threshold: threshold.subarray(t * questions, (t + 1) * questions),
      leaf: leaf.subarray(t * leaves, (t + 1) * leaves),
    })
    for (let k = t * leaves; k < (t + 1) * leaves; k++) leaf[k]! *= learningRate
    for (let n = 0; n < count; n++) scores[n]! += leaf[t * leaves + builder.leafOf(n) - questions]!
  }
  return { depth, feature, threshold, leaf }
}

/** Of the loss by each score: p - y, and p (1 - p). */
function derivatives(
  scores: Float64Array,
  starts: Int32Array,
  target: Float32Array,
  gradient: Float64Array,
  hessian: Float64Array,
): void {
  for (let q = 0; q + 1 < starts.length; q++) {
    const [from, to] = [starts[q]!, starts[q + 1]!]
    let highest = Number.NEGATIVE_INFINITY
    let mass = 0
    for (let n = from; n < to; n++) {
      highest = Math.max(highest, scores[n]!)
      mass += target[n]!
    }
    let total = 0
    for (let n = from; n < to; n++) total += Math.exp(scores[n]! - highest)
    for (let n = from; n < to; n++) {
      // A question without a right candidate teaches nothing.
      const p = mass === 0 ? 0 : Math.exp(scores[n]! - highest) / total
      gradient[n] = p - target[n]!
      hessian[n] = Math.max(p * (1 - p), 1e-16)
    }
  }
}

/** [F][up to bins - 1] rising thresholds between bins. */
function binEdges({ values, numFeatures, target }: RankingRows): Float32Array[] {
  const count = target.length
  const step = Math.max(1, Math.floor(count / 20_000))
  return Array.from({ length: numFeatures }, (_, f) => {
    const seen: number[] = []
    for (let n = 0; n < count; n += step) seen.push(values[n * numFeatures + f]!)
    const sorted = Float32Array.from(seen).sort()
    const distinct = sorted.filter((value, k) => k === 0 || value !== sorted[k - 1])
    if (distinct.length <= bins) return distinct.subarray(0, -1)
    const edges: number[] = []
    for (let b = 1; b < bins; b++) {
      const edge = sorted[Math.floor((b * sorted.length) / bins)]!
      // The highest value can't be an edge: nothing is above it.
      if (edge !== edges.at(-1) && edge < sorted.at(-1)!) edges.push(edge)
    }
    return Float32Array.from(edges)
  })
}

/** [F * n]: a value's bin is the number of edges below it. */
function binRows({ values, numFeatures, target }: RankingRows, edges: readonly Float32Array[]): Uint8Array {
  const count = target.length
  const binned = new Uint8Array(numFeatures * count)
  for (let f = 0; f < numFeatures; f++) {
    const own = edges[f]!
    for (let n = 0; n < count; n++) {
      const value = values[n * numFeatures + f]!
      let low = 0
      let high = own.length
      while (low < high) {
        const middle = (low + high) >> 1
        if (value > own[middle]!) low = middle + 1
        else high = middle
      }
      binned[f * count + n] = low
    }
  }
  return binned
}

function drawn(count: number, share: number, rng: Rng): Int32Array {
  const all = Int32Array.from({ length: count }, (_, k) => k)
  const chosen = all.filter(() => share >= 1 || rng.uniform() < share)
  return chosen.length === 0 ? all : chosen
}

function rowsOfDrawn(starts: Int32Array, share: number, rng: Rng): Int32Array {
  const rows: number[] = []
  for (const q of drawn(starts.length - 1, share, rng)) {
    for (let n = starts[q]!; n < starts[q + 1]!; n++) rows.push(n)
  }
  return Int32Array.from(rows)
}

interface TreeArrays {
  readonly feature: Int32Array
  readonly threshold: Float32Array
  readonly leaf: Float32Array
}

/** Grows one tree, level by level. */
class TreeBuilder {
  readonly #binned: Uint8Array
  readonly #edges: readonly Float32Array[]
  readonly #settings: BoostingSettings
  readonly #count: number
  #node: Int32Array = new Int32Array(0)

  constructor(binned: Uint8Array, numFeatures: number, edges: readonly Float32Array[], settings: BoostingSettings) {
    this.#binned = binned
    this.#edges = edges
    this.#settings = settings
    this.#count = binned.length / numFeatures
  }

  /** Node that a row ended in. */
  leafOf(row: number): number {
    return this.#node[row]!
  }

  grow(
    used: Int32Array,
    asked: Int32Array,
    gradient: Float64Array,
    hessian: Float64Array,
    node: Int32Array,
    tree: TreeArrays,
  ): void {
    this.#node = node
    const { depth, l2 } = this.#settings
    for (let level = 0; level < depth; level++) {
      const width = 1 << level
      const first = width - 1
      const best = this.#bestSplits(used, asked, gradient, hessian, width)
      for (let k = 0; k < width; k++) {
        tree.feature[first + k] = best.feature[k]!
        const edge = best.edge[k]!
        tree.threshold[first + k] = edge < 0 ? Number.POSITIVE_INFINITY : this.#edges[best.feature[k]!]![edge]!
      }
      for (let n = 0; n < this.#count; n++) {
        const k = node[n]! - first
        const edge = best.edge[k]!
        const right = edge >= 0 && this.#binned[best.feature[k]! * this.#count + n]! > edge
        node[n] = 2 * node[n]! + (right ? 2 : 1)
      }
    }
    const leaves = 1 << depth
    const sums = new Float64Array(2 * leaves)
    for (const n of used) {
      const k = node[n]! - leaves + 1
      sums[2 * k]! += gradient[n]!
      sums[2 * k + 1]! += hessian[n]!
    }
    for (let k = 0; k < leaves; k++) tree.leaf[k] = -sums[2 * k]! / (sums[2 * k + 1]! + l2)
  }

  /** Of each node of a level the split that gains most; edge -1: none gains. */
  #bestSplits(
    used: Int32Array,
    asked: Int32Array,
    gradient: Float64Array,
    hessian: Float64Array,
    width: number,
  ): { feature: Int32Array; edge: Int32Array } {
    const { l2, leastHessian } = this.#settings
    const feature = new Int32Array(width)
    const edge = new Int32Array(width).fill(-1)
    const gain = new Float64Array(width).fill(1e-9)
    const histogram = new Float64Array(width * bins * 2)
    const first = width - 1
    const node = this.#node
    for (const f of asked) {
      histogram.fill(0)
      const column = this.#binned.subarray(f * this.#count, (f + 1) * this.#count)
      for (let k = 0; k < used.length; k++) {
        const n = used[k]!
        const at = 2 * ((node[n]! - first) * bins + column[n]!)
        histogram[at]! += gradient[n]!
        histogram[at + 1]! += hessian[n]!
      }
      const last = this.#edges[f]!.length
      for (let k = 0; k < width; k++) {
        const base = 2 * k * bins
        let [g, h] = [0, 0]
        for (let b = 0; b <= last; b++) {
          g += histogram[base + 2 * b]!
          h += histogram[base + 2 * b + 1]!
        }
        const whole = (g * g) / (h + l2)
        let [gl, hl] = [0, 0]
        for (let b = 0; b < last; b++) {
          gl += histogram[base + 2 * b]!
          hl += histogram[base + 2 * b + 1]!
          const hr = h - hl
          if (hl < leastHessian || hr < leastHessian) continue
          const gr = g - gl
          const own = (gl * gl) / (hl + l2) + (gr * gr) / (hr + l2) - whole
          if (own > gain[k]!) {
            gain[k] = own
            feature[k] = f
            edge[k] = b
          }
        }
      }
    }
    return { feature, edge }
  }
}
