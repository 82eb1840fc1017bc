/**
 * Level-based foraging 8x8-2p-2f-coop against its Python original: steps a second of processor time (other work on the machine
 * counts for neither), random actions, observations written, resets included; ours as 64 environments in a `VectorEnv`, on one
 * thread. They run in turns; medians and their ratio are printed. After `npm run build`, with a Python that has lbforaging:
 *
 *     node experiments/peers/lbf-step-rate.mjs /tmp/peers/bin/python [ROUNDS]
 */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { environments, Rng, VectorEnv } from 'cadre/env'

const ROWS = 64
const VECTOR_STEPS = 16_384
const ORIGINAL_STEPS = 20_000
const ACTION_SETS = 64

const original = fileURLToPath(new URL('./step-rate-lbf.py', import.meta.url))
const [python = 'python3', rounds = '7'] = process.argv.slice(2)

/** Rate of the original. */
function measureOriginal() {
  return Number(execFileSync(python, [original, String(ORIGINAL_STEPS)], { encoding: 'utf8' }))
}

/** A function that measures our rate, warmed up. */
function ours() {
  const lbf = environments.find(({ name }) => name === 'lbf')
  const config = lbf.schema.parse({ gridSize: 8, numAgents: 2, numFood: 2, cooperative: true })
  const env = new VectorEnv(() => lbf.create(config), ROWS, 'rate', { state: false })
  const rng = new Rng('actions')
  const drawn = Array.from({ length: ACTION_SETS }, () => Int32Array.from({ length: 2 * ROWS }, () => rng.integer(6)))
  const actions = new Int32Array(2 * ROWS)
  env.reset()
  const measure = () => {
    const began = process.cpuUsage()
    for (let k = 0; k < VECTOR_STEPS; k++) {
      actions.set(drawn[k % ACTION_SETS])
      env.step(actions)
    }
    const { user, system } = process.cpuUsage(began)
    return (VECTOR_STEPS * ROWS) / ((user + system) / 1e6)
  }
  for (let k = 0; k < 3; k++) measure()
  return measure
}

const measureOurs = ours()
const rates = Array.from({ length: Number(rounds) }, () => ({ original: measureOriginal(), ours: measureOurs() }))
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]
process.stdout.write(`original  ${(median(rates.map((rate) => rate.original)) / 1e3).toFixed(2)} k steps/s\n`)
process.stdout.write(`ours      ${(median(rates.map((rate) => rate.ours)) / 1e6).toFixed(2)} M steps/s\n`)
const ratio = median(rates.map((rate) => rate.ours / rate.original))
process.stdout.write(`ratio     ${ratio.toFixed(0)} (median of ${rounds} rounds in turns)\n`)
