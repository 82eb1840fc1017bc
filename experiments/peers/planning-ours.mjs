/**
 * Solves a stored problem with Cadre each time a line comes in, for planning-speed.mjs; lines and answers as in
 * planning-peers.py. The default planner on one thread; modified policy iteration by a crew on more.
 *
 *     node planning-ours.mjs FOLDER DISCOUNT
 */
import { closeSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { defaultPlanner } from 'cadre/algorithms'
import { SweepCrew } from 'cadre/experiments'

const [folder, discount] = process.argv.slice(2)

function memory(field) {
  return 1024 * Number(readFileSync('/proc/self/status', 'utf8').match(new RegExp(`${field}:\\s+(\\d+)`))[1])
}

/** A raw array, read where it stays: on shared memory, for crews. */
function read(name, Kind) {
  const path = `${folder}/${name}`
  const bytes = new Uint8Array(new SharedArrayBuffer(statSync(path).size))
  const file = openSync(path)
  for (let at = 0; at < bytes.length; ) at += readSync(file, bytes, at, Math.min(bytes.length - at, 1 << 24), null)
  closeSync(file)
  return new Kind(bytes.buffer)
}

const crews = new Map()
async function plannerFor(threads) {
  if (threads === 1) return defaultPlanner
  if (!crews.has(threads)) crews.set(threads, await SweepCrew.start(threads))
  return crews.get(threads).planner()
}

const baseline = memory('VmRSS')
const began = performance.now()
const meta = JSON.parse(readFileSync(`${folder}/meta.json`, 'utf8'))
const mdp = {
  ...meta,
  rowStart: read('rowStart', Int32Array),
  successor: read('successor', Int32Array),
  probability: read('probability', Float64Array),
  reward: read('reward', Float64Array),
  terminal: read('terminal', Uint8Array),
  start: new Float64Array(new SharedArrayBuffer(8 * meta.numStates)).fill(1 / meta.numStates),
  stateIds: new Int32Array(new SharedArrayBuffer(4 * meta.numStates)).map((_, s) => s),
}
const arrays = Object.values(mdp).reduce((sum, array) => sum + (array.byteLength ?? 0), 0)
const seconds = (performance.now() - began) / 1000
process.stdout.write(`${JSON.stringify({ building: seconds, held: memory('VmRSS') - baseline, arrays })}\n`)

for await (const line of createInterface({ input: process.stdin })) {
  const { epsilon, threads } = JSON.parse(line)
  const planner = await plannerFor(threads)
  const cpu = process.cpuUsage()
  const start = performance.now()
  const plan = planner.plan(mdp, { discount: Number(discount), epsilon })
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  writeFileSync(`${folder}/value.ours`, new Uint8Array(plan.value.buffer))
  const answer = { seconds, cpu: (user + system) / 1e6, iterations: plan.iterations, method: plan.method }
  process.stdout.write(`${JSON.stringify({ ...answer, peak: memory('VmHWM') - baseline })}\n`)
}
for (const crew of crews.values()) await crew.close()
