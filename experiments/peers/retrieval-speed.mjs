/**
 * Looking up a question beside rank_bm25, bm25s and, where it is installed, minisearch: processor time a query from the question's text
 * to the five best paragraphs, all of them with English stems. They run in turns; medians are printed, and the median of the ratios of
 * each round. After `npm run build`, with a Python that has rank_bm25, bm25s and PyStemmer (`npm install --no-save minisearch@7.2.0` for
 * the last one):
 *
 *     node experiments/peers/retrieval-speed.mjs /tmp/peers/bin/python XQUAD.json [ROUNDS]
 */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { termsOf } from '../../dist/agents/knowledge/terms.js'
import { readSquad } from '../../dist/experiments/knowledge/squad.js'
import { squadBase } from '../../dist/experiments/knowledge/xquad-base.js'

const peers = fileURLToPath(new URL('./retrieval-peers.py', import.meta.url))
const [python = 'python3', path, rounds = '5'] = process.argv.slice(2)
if (path === undefined) throw new Error('usage: retrieval-speed.mjs PYTHON XQUAD.json [ROUNDS]')
const squad = readSquad(path)

function measured(search) {
  const measure = () => {
    const began = process.cpuUsage()
    const found = squad.questions.map(({ question }) => search(question))
    const { user, system } = process.cpuUsage(began)
    const share = (isRight) =>
      found.filter((list, q) => isRight(list, squad.questions[q].passage)).length / found.length
    return {
      microseconds: (user + system) / squad.questions.length,
      at1: share((list, passage) => list[0] === passage),
      at5: share((list, passage) => list.includes(passage)),
    }
  }
  for (let k = 0; k < 3; k++) measure()
  return measure
}

const base = squadBase(squad)
const measures = {
  ours: measured((question) => base.search(question, 5).map(({ source }) => Number(source.document))),
  rank_bm25: () => JSON.parse(execFileSync(python, [peers, 'rank_bm25', path], { encoding: 'utf8' })),
  bm25s: () => JSON.parse(execFileSync(python, [peers, 'bm25s', path], { encoding: 'utf8' })),
}
const mini = await import('minisearch').catch(() => null)
if (mini !== null) {
  const index = new mini.default({
    fields: ['title', 'text'],
    tokenize: termsOf,
    processTerm: (term) => term,
    searchOptions: { bm25: { k: 0.9, b: 0.4, d: 0 } },
  })
  index.addAll(squad.passages.map((text, id) => ({ id, text, title: squad.titles[squad.groups[id]] })))
  measures.minisearch = measured((question) =>
    index
      .search(question)
      .slice(0, 5)
      .map(({ id }) => id),
  )
}
const results = Array.from({ length: Number(rounds) }, () =>
  Object.fromEntries(Object.entries(measures).map(([name, measure]) => [name, measure()])),
)
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]
for (const name of Object.keys(measures)) {
  const { at1, at5 } = results[0][name]
  const time = median(results.map((round) => round[name].microseconds))
  const ratio = median(results.map((round) => round[name].microseconds / round.ours.microseconds))
  process.stdout.write(
    `${name.padEnd(12)} ${time.toFixed(1).padStart(7)} us  ${ratio.toFixed(1).padStart(5)} x ours  @1 ${at1.toFixed(4)}  @5 ${at5.toFixed(4)}\n`,
  )
}
