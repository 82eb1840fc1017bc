import { Rng } from '#env/rng.js'

const easy = ['capital', 'colour', 'river', 'month', 'animal', 'flag']
const hard = ['proof', 'integral', 'theorem', 'tensor', 'lemma', 'manifold']

/**
 * A made-up outcome table in CSV: the weak model is right on questions with easy words, the strong one mostly on all; what
 * decides is in the words, so that a router can learn it.
 * @param rows - questions; every tenth is asked twice
 */
export function questionTable(rows: number, seed = 'questions'): string {
  const rng = new Rng(seed)
  const lines = ['id,text,correct:weak,correct:strong']
  for (let row = 0; row < rows; row++) {
    const isHard = rng.uniform() < 0.5
    const words = isHard ? hard : easy
    const text = `what ${words[rng.integer(6)]} has ${words[rng.integer(6)]} number ${rng.integer(1000)}`
    const weak = rng.uniform() < (isHard ? 0.1 : 0.95) ? 1 : 0
    const strong = rng.uniform() < 0.9 ? 1 : 0
    lines.push(`q${row},${text},${weak},${strong}`)
    if (row % 10 === 0) lines.push(`q${row}-again,${text},${weak},${strong}`)
  }
  return `${lines.join('\n')}\n`
}

/** An experiment on such a table, as YAML. */
export function questionExperiment(table: string, more = ''): string {
  return `name: questions
discount: 0.9
passes: 1
rows: 1
seeds: 1
folds: { repetitions: 2, folds: 3 }
evaluation: { points: 4 }
environments:
  questions: { use: routing-cascade, outcomes: ${table}, costWeight: 1, models: [{ name: weak, costUsd: 0 }, { name: strong, costUsd: 0.2 }] }
algorithms:
  replay (full): { use: replay-least-squares, feedback: full, exploration: 1, lambda: 1 }
  rls (bandit): { use: least-squares-q, exploration: 1 }
  thompson (bandit): { use: thompson }
baselines: [{ use: ridge, lambda: 1 }, prompt-length, { use: always, model: weak }, oracle, random]
checkpointSeconds: 0.05
${more}`
}
