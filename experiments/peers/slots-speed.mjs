/**
 * The slot tagger beside python-crfsuite (CRFsuite, C): SNIPS, the same features, the same intents, in turns, each in a process of its
 * own. After `npm run build`, with a Python that has python-crfsuite, and SNIPS at hand:
 *
 *     node experiments/peers/slots-speed.mjs PYTHON [ROUNDS]
 *
 * Ours makes its features within the time that is told, crfsuite gets them made. Each intent has a CRF; ours shares weights between
 * them, which crfsuite can't. Processor time of training; F1 on the test part as conlleval counts it. Our seed is the round's number.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const [python = 'python3', rounds = '3'] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'cadre-slots-'))
const script = (name) => fileURLToPath(new URL(name, import.meta.url))
const print = (text) => process.stdout.write(`${text}\n`)

/** A process that answers a line with a line. */
async function start(command, file) {
  const child = spawn(command, [script(file), folder], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`${file} ended without an answer`)
    return JSON.parse(value)
  }
  await answer()
  const fit = (seed) => {
    child.stdin.write(`${seed}\n`)
    return answer()
  }
  return { fit, close: () => child.stdin.end() }
}

const ours = await start(process.execPath, 'slots-ours.mjs')
const theirs = await start(python, 'slots-crfsuite.py')
const runs = []
for (let round = 1; round <= Number(rounds); round++) {
  const run = { ours: await ours.fit(round), theirs: await theirs.fit(round) }
  runs.push(run)
  for (const [name, { cpu, taggingMs, f1 }] of Object.entries(run)) {
    print(
      `round ${round} ${name.padEnd(6)} training ${cpu.toFixed(1)} s of processor time, tagging ${taggingMs.toFixed(3)} ms a sentence, F1 ${(100 * f1).toFixed(2)}`,
    )
  }
}
ours.close()
theirs.close()
rmSync(folder, { recursive: true })
const mean = (of) => runs.reduce((sum, run) => sum + of(run), 0) / runs.length
print(
  `mean of ${rounds}: ours F1 ${(100 * mean((run) => run.ours.f1)).toFixed(2)}, crfsuite ${(100 * mean((run) => run.theirs.f1)).toFixed(2)}; ` +
    `crfsuite takes ${mean((run) => run.theirs.cpu / run.ours.cpu).toFixed(2)} times our processor time; load ${loadavg()[0].toFixed(1)}`,
)
