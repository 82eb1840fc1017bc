/**
 * Exact planning beside mdpsolver (C++), pymdptoolbox (Python) or quantecon (numba): the same arrays, the same guarantee, in
 * turns, each in a process of its own. After `npm run build`, with a Python that has the library, and scipy:
 *
 *     node experiments/peers/planning-speed.mjs PYTHON PROBLEM DISCOUNT [ROUNDS] [THREADS] [LIBRARY] [ALGORITHM]
 *
 * The guarantee: a policy within epsilon = 1e-3 of optimal in every state. mdpsolver's `tolerance` (standard updates) and
 * pymdptoolbox's `epsilon` stop when span(v' - v) < epsilon (1 - gamma) / gamma (Puterman 1994, section 6.6.3): that is, when the
 * bounds of MacQueen are epsilon apart, which is also when our planners stop; ours count what f64 rounds in as well.
 * Times are of solving alone, wall clock and processor time; our checks of the model are in, building it is told apart. Values
 * are compared. Memory: most resident memory over the whole process less that before the model is read, beside the bytes of the
 * model's arrays as we lay them out. LIBRARY is mdpsolver (default), toolbox or quantecon; ALGORITHM is its own name of one.
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { store } from './planning-problems.mjs'

const EPSILON = 1e-3
const [python, problem, discount, rounds = '5', threads = '1', library = 'mdpsolver', algorithm] = process.argv.slice(2)
const script = (name) => fileURLToPath(new URL(name, import.meta.url))
const print = (text) => process.stdout.write(`${text}\n`)

/** A process that answers a line with a line. */
async function start(command, ...argv) {
  // The peers' threads wait asleep, as ours do: where cores are shared, waiting awake takes them from one another.
  const env = { ...process.env, OMP_WAIT_POLICY: 'passive' }
  const child = spawn(command, argv, { stdio: ['pipe', 'pipe', 'inherit'], env })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async () => JSON.parse((await lines.next()).value)
  const built = await answer()
  const solve = (order) => {
    child.stdin.write(`${JSON.stringify(order)}\n`)
    return answer()
  }
  return { built, solve, close: () => child.stdin.end() }
}

const folder = `${tmpdir()}/cadre-planning-${problem}`
if (!existsSync(`${folder}/terminal`)) print(`${problem}: made in ${store(problem, folder).toFixed(1)} s`)
const ours = await start(process.execPath, script('planning-ours.mjs'), folder, discount)
const theirs = await start(python, script('planning-peers.py'), library, folder, discount)
const defaults = library === 'toolbox' ? { algorithm: 'ValueIteration' } : {}
const settings = algorithm === undefined ? defaults : { algorithm }
const order = { epsilon: EPSILON, threads: Number(threads), settings }
print(
  `load ${loadavg()[0].toFixed(1)}; reading ours ${ours.built.building.toFixed(1)} s, theirs ${theirs.built.building.toFixed(1)} s`,
)

const runs = []
for (let round = 0; round < Number(rounds); round++) {
  runs.push({ ours: await ours.solve(order), theirs: await theirs.solve(order) })
}
for (const { ours, theirs } of runs)
  print(`           ours ${ours.seconds.toFixed(3)} s, theirs ${theirs.seconds.toFixed(3)} s`)
const values = (name) => new Float64Array(Uint8Array.from(readFileSync(`${folder}/value.${name}`)).buffer)
const [a, b] = [values('ours'), values(library)]
const apart = a.reduce((most, v, s) => Math.max(most, Math.abs(v - b[s])), 0)
ours.close()
theirs.close()

const sorted = (of) => runs.map(of).sort((x, y) => x - y)
const median = (of) => sorted(of)[runs.length >> 1]
const line = (name, of) => {
  const [wall, cpu] = ['seconds', 'cpu'].map((key) => median((run) => of(run)[key]))
  print(`${name.padEnd(10)} ${wall.toFixed(3)} s wall, ${cpu.toFixed(3)} s processor (medians)`)
}
line('ours', (run) => run.ours)
line(library, (run) => run.theirs)
const ratio = (key) => median((run) => run.theirs[key] / run.ours[key]).toFixed(2)
print(
  `ratio      ${ratio('seconds')} wall, ${ratio('cpu')} processor: times faster (median of ${runs.length} rounds in turns)`,
)
print(`values     at most ${apart.toExponential(1)} apart, epsilon ${EPSILON}`)
const mb = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`
const most = runs.at(-1).ours.peak
print(
  `memory     ours at most ${mb(most)}, ${(most / ours.built.arrays).toFixed(2)} times the arrays (${mb(ours.built.arrays)})`,
)
print(`           theirs at most ${mb(runs.at(-1).theirs.peak)}, ${mb(theirs.built.held)} held after building`)
