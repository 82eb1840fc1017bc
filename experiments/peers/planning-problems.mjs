/** The problems of planning-speed.mjs, written as raw arrays that both sides read. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { environments, Rng, toMdp } from 'cadre/env'

/**
 * The random problem of mdpsolver's own benchmark: each row leads to 1% of the states, with the shares of exponential draws;
 * rewards are a random walk from row to row with normal steps.
 */
function randomProblem(numStates, numActions) {
  const rng = new Rng('planning-speed')
  const width = Math.ceil(numStates / 100)
  const rows = numStates * numActions
  const successor = new Int32Array(rows * width)
  const probability = new Float64Array(rows * width)
  const reward = new Float64Array(rows)
  const shuffled = Int32Array.from({ length: numStates }, (_, s) => s)
  const exponential = () => -Math.log(1 - rng.uniform())
  for (let row = 0, from = 0, walk = 0; row < rows; row++, from += width) {
    walk += Math.sqrt(2 * exponential()) * Math.cos(2 * Math.PI * rng.uniform())
    reward[row] = walk
    let sum = 0
    for (let i = 0; i < width; i++) {
      const j = i + rng.integer(numStates - i)
      ;[shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]]
      successor[from + i] = shuffled[i]
      probability[from + i] = exponential()
      sum += probability[from + i]
    }
    successor.subarray(from, from + width).sort()
    for (let i = 0; i < width; i++) probability[from + i] /= sum
  }
  const rowStart = Int32Array.from({ length: rows + 1 }, (_, row) => row * width)
  return { numStates, numActions, rowStart, successor, probability, reward, terminal: new Uint8Array(numStates) }
}

/** Cadre's own gridworld: -1 a step until the cell in the middle. */
function grid(side, slip) {
  const { schema, create } = environments.find(({ name }) => name === 'gridworld')
  const middle = side >> 1
  const layout = { preset: 'empty', rows: side, columns: side, stepReward: -1, bumpReward: -1 }
  return toMdp(create(schema.parse({ ...layout, terminals: [{ at: [middle, middle] }], slip })), {
    observation: false,
    state: false,
  })
}

/** What there is to solve: name to maker, and the discounts it is solved at. */
export const problems = {
  random: { make: () => randomProblem(10_000, 10), discounts: [0.99, 0.999] },
  grid: { make: () => grid(1000, 0), discounts: [0.99] },
  slippery: { make: () => grid(1000, 0.2), discounts: [0.99] },
  'small-grid': { make: () => grid(100, 0), discounts: [0.99] },
}

/** Writes a problem into a folder. Returns the seconds it took to make. */
export function store(name, folder) {
  const began = performance.now()
  const { numStates, numActions, ...arrays } = problems[name].make()
  const seconds = (performance.now() - began) / 1000
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/meta.json`, JSON.stringify({ numStates, numActions }))
  for (const key of ['rowStart', 'successor', 'probability', 'reward', 'terminal']) {
    const { buffer, byteOffset, byteLength } = arrays[key]
    writeFileSync(`${folder}/${key}`, new Uint8Array(buffer, byteOffset, byteLength))
  }
  return seconds
}
