/**
 * `node dist/experiments/benchmarks/xquad.js [recall|choose|writer|local] [seeds]`: what the knowledge and writing agents reach on XQuAD
 * (English), which has to be in a data folder.
 * - recall: paragraphs and sentences found, with the settings as they are;
 * - choose: settings of BM25 chosen on four fifths of the articles and judged on the fifth that is left;
 * - writer: the span scorer cross-fitted by article, on the paragraph found;
 * - local FILE [questions]: a GGUF model on this machine, on the paragraph found, asked so many questions (default 100), evenly spread.
 */
import { contentWords, wordF1 } from '#agents/checking/same-words.js'
import { loneResources } from '#agents/contract/lone-resources.js'
import { crossFit, spanScorerDefaults } from '#agents/writing/fit-span-scorer.js'
import { local } from '#agents/writing/local.js'
import { ggufModel } from '../answering/gguf-model.js'
import { articleInterval } from '../knowledge/article-interval.js'
import { aucOf, judgeWriter } from '../knowledge/judge-writer.js'
import { readSquad, type Squad, xquadPath } from '../knowledge/squad.js'
import { recallOf, squadBase } from '../knowledge/xquad-base.js'
import { dataEnvironment } from './data-environment.js'

const say = (line: string) => void process.stdout.write(`${line}\n`)
const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length

function withInterval(name: string, values: readonly number[], groups: readonly number[]): void {
  const { low, high } = articleInterval(values, groups)
  say(`${name.padEnd(24)} ${mean(values).toFixed(4)} [${low.toFixed(3)}, ${high.toFixed(3)}]`)
}

function recall(squad: Squad, groups: readonly number[]): void {
  const found = recallOf(squadBase(squad), squad)
  withInterval('paragraph recall@1', found.right.map(Number), groups)
  say(`${'paragraph recall@5'.padEnd(24)} ${found.paragraphAt5.toFixed(4)}`)
  withInterval('sentence recall@1', found.rightSentence.map(Number), groups)
}

function choose(squad: Squad, groups: readonly number[]): void {
  const tried = [0.6, 0.9, 1.2, 1.5].flatMap((k1) =>
    [0.3, 0.4, 0.5, 0.75].flatMap((b) => [0, 1, 2].map((titleWeight) => ({ k1, b, titleWeight }))),
  )
  const right = tried.map((settings) => recallOf(squadBase(squad, settings), squad).right)
  const judged: number[] = []
  const of: number[] = []
  for (let fold = 0; fold < 5; fold++) {
    const share = (list: readonly boolean[], inside: boolean) =>
      mean(list.flatMap((one, k) => ((groups[k]! % 5 === fold) === inside ? [Number(one)] : [])))
    const best = right.reduce((at, list, k) => (share(list, false) > share(right[at]!, false) ? k : at), 0)
    right[best]!.forEach((one, k) => {
      if (groups[k]! % 5 !== fold) return
      judged.push(Number(one))
      of.push(groups[k]!)
    })
    say(
      `fold ${fold}: ${JSON.stringify(tried[best])} ${share(right[best]!, false).toFixed(4)}, held out ${share(right[best]!, true).toFixed(4)}`,
    )
  }
  withInterval('chosen, held out', judged, of)
  const all = right.map((list) => mean(list.map(Number)))
  const order = [...all.keys()].sort((x, y) => all[y]! - all[x]!)
  say(
    `all ${tried.length}: ${Math.min(...all).toFixed(4)} to ${Math.max(...all).toFixed(4)}; best ${JSON.stringify(tried[order[0]!])}`,
  )
}

function writer(squad: Squad, groups: readonly number[], seeds: number): void {
  const { found } = recallOf(squadBase(squad), squad)
  for (let seed = 0; seed < seeds; seed++) {
    const began = process.cpuUsage()
    const answers = crossFit(squad, spanScorerDefaults, { folds: 5, seed: String(seed), read: found })
    const { user, system } = process.cpuUsage(began)
    const { exact, f1, auc, calibrationError } = judgeWriter(squad, answers)
    say(`seed ${seed}: ${((user + system) / 1e6).toFixed(0)} s of processor for five trainings and all answers`)
    withInterval('exact match', exact, groups)
    withInterval('word F1', f1, groups)
    say(`confidence: area under the curve ${auc.toFixed(3)}, calibration error ${calibrationError.toFixed(3)}`)
  }
}

async function localModel(squad: Squad, groups: readonly number[], file: string, most: number): Promise<void> {
  const { found } = recallOf(squadBase(squad), squad)
  const agent = local.create(local.schema.parse({ file, threads: 1 }), {
    ...loneResources('local'),
    localModel: (path, options) => ggufModel(path, '.', options),
  })
  const every = squad.questions.length / Math.min(most, squad.questions.length)
  const asked = Array.from({ length: Math.floor(squad.questions.length / every) }, (_, k) => Math.floor(k * every))
  const call = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY, trace: () => {} }
  const exact: number[] = []
  const f1: number[] = []
  const confidences: number[] = []
  const began = performance.now()
  for (const k of asked) {
    const { question, answer } = squad.questions[k]!
    const passage = {
      id: `${found[k]}`,
      text: squad.passages[found[k]!]!,
      score: 1,
      source: { document: `${found[k]}` },
    }
    const said = await agent.handle({ id: `${k}`, question, history: [], found: { passages: [passage] } }, call)
    const [draft] = said.found.drafts!
    exact.push(Number(contentWords(draft!.text).join(' ') === contentWords(answer).join(' ')))
    f1.push(wordF1(draft!.text, answer))
    confidences.push(said.confidence)
  }
  await agent.close?.()
  const of = asked.map((k) => groups[k]!)
  say(`${asked.length} questions, ${((performance.now() - began) / asked.length / 1000).toFixed(2)} s each`)
  withInterval('exact match', exact, of)
  withInterval('word F1', f1, of)
  say(
    `confidence: area under the curve ${aucOf(
      confidences,
      f1.map((one) => one >= 0.5),
    ).toFixed(3)}`,
  )
}

const [what = 'recall', seeds = '1', questions = '100'] = process.argv.slice(2)
const path = xquadPath(dataEnvironment())
if (path === undefined || !['recall', 'choose', 'writer', 'local'].includes(what)) {
  process.stderr.write(
    'usage: xquad.js [recall|choose|writer] [seeds], or xquad.js local FILE [questions]; xquad_en/xquad.en.json has to be in a data folder\n',
  )
  process.exitCode = 2
} else {
  const squad = readSquad(path)
  const groups = squad.questions.map(({ passage }) => squad.groups[passage]!)
  if (what === 'recall') recall(squad, groups)
  else if (what === 'choose') choose(squad, groups)
  else if (what === 'local') await localModel(squad, groups, seeds, Number(questions))
  else writer(squad, groups, Number(seeds))
}
