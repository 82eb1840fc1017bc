/**
 * A DQN step (forward, target forward, Huber of the gathered error, gradients, Adam) of an MLP 16-64-64-5 on a given minibatch, ours beside
 * PyTorch eager and jax.jit, one thread each, in turns; then choosing for one observation. After `npm run build`, with a Python that has
 * torch and jax:
 *
 *     node experiments/peers/deep/dqn-step.mjs PYTHON [ROUNDS]
 *
 * Each is a process of its own. Ratios are medians over rounds of what the peer takes by what ours takes in the same round. Parameters after
 * 100 steps from the same start are compared first.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { adam, batches, operationsOf, problem, sizes } from './dqn-problem.mjs'

const [python = 'python3', rounds = '7'] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'cadre-dqn-'))
const file = join(folder, 'problems.json')
writeFileSync(file, JSON.stringify({ sizes, adam, problems: [1, ...batches].map(problem) }))
const script = (name) => fileURLToPath(new URL(name, import.meta.url))
const print = (text) => process.stdout.write(`${text}\n`)
const { OPENBLAS_CORETYPE: _, ...env } = process.env

/** A process that answers a line with a line. */
async function start(command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`${args.join(' ')} ended without an answer`)
    return JSON.parse(value)
  }
  await answer()
  const ask = (task) => {
    child.stdin.write(`${JSON.stringify(task)}\n`)
    return answer()
  }
  return { ask, close: () => child.stdin.end() }
}

const ours = await start(process.execPath, [script('dqn-ours.mjs')])
const peers = {}
for (const name of ['torch', 'torch-fused', 'jax'])
  peers[name] = await start(python, [script('dqn-peers.py'), name, file])
const all = { ours, ...peers }
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]

async function compare(title, task, budgetUs, operations) {
  const counts = {}
  for (const [name, one] of Object.entries(all)) {
    const { cpu } = await one.ask({ ...task, steps: 50 })
    counts[name] = Math.max(10, Math.round(budgetUs / cpu))
    await one.ask({ ...task, steps: counts[name] })
  }
  const taken = Object.fromEntries(Object.keys(all).map((name) => [name, []]))
  for (let round = 0; round < Number(rounds); round++) {
    for (const [name, one] of Object.entries(all)) taken[name].push(await one.ask({ ...task, steps: counts[name] }))
  }
  print(title)
  for (const name of Object.keys(all)) {
    const us = (kind) => median(taken[name].map((run) => run[kind]))
    const ratio = (kind) => median(taken[name].map((run, k) => run[kind] / taken.ours[k][kind])).toFixed(2)
    const rate = operations === 0 ? '' : `, ${(operations / us('cpu') / 1000).toFixed(1)} GFLOP/s`
    print(
      `  ${name.padEnd(11)} ${us('cpu').toFixed(1)} us of processor time, ${us('wall').toFixed(1)} us by the wall${rate}` +
        (name === 'ours' ? '' : `; ${ratio('cpu')} and ${ratio('wall')} times ours`),
    )
  }
}

for (const batch of batches) {
  const { parameters } = await ours.ask({ task: 'check', batch })
  for (const [name, peer] of Object.entries(peers)) {
    const other = (await peer.ask({ task: 'check', batch })).parameters
    const apart = Math.max(...parameters.flatMap((one, k) => one.map((x, j) => Math.abs(x - other[k][j]))))
    print(`batch ${batch}: parameters after 100 steps differ from ${name}'s by ${apart.toExponential(1)} at most`)
    if (!(apart < 1e-4)) throw new Error(`expected below 1e-4`)
  }
}
for (const batch of batches) {
  await compare(`batch ${batch}`, { task: 'step', batch }, 300_000, operationsOf(batch))
}
await compare('one observation', { task: 'act' }, 300_000, 0)
for (const one of Object.values(all)) one.close()
rmSync(folder, { recursive: true })
print(`load ${loadavg()[0].toFixed(1)}; Node ${process.version}`)
