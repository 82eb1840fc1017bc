/**
 * `node dist/experiments/benchmarks/xquad-live.js [splits]`: a team of Cadre's own agents answers the questions of XQuAD (English), which
 * has to be in a data folder. Its numbers are counted on half of the articles; what it earns on the other half stands beside what was
 * predicted and what rules earn.
 */
import { textTable } from '../cli/text-table.js'
import { readSquad, xquadPath } from '../knowledge/squad.js'
import { type XquadSplit, xquadSplit } from '../xquad-team/xquad-live.js'
import { xquadStages } from '../xquad-team/xquad-team.js'
import { dataEnvironment } from './data-environment.js'

const [splits = '10'] = process.argv.slice(2)
const path = xquadPath(dataEnvironment())
const say = (line: string) => void process.stdout.write(`${line}\n`)
const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length
if (path === undefined) {
  process.stderr.write('xquad_en/xquad.en.json is in no data folder\n')
  process.exitCode = 2
} else {
  const squad = readSquad(path)
  const stages = xquadStages(squad)
  const results: XquadSplit[] = []
  for (let k = 0; k < Number(splits); k++) results.push(await xquadSplit(squad, stages, `split ${k}`))
  const rows = results[0]!.plays.map(({ name }, p) => {
    const of = (value: (play: (typeof results)[0]['plays'][0]) => number) =>
      mean(results.map(({ plays }) => value(plays[p]!)))
    const share = (value: number) => `${(100 * value).toFixed(1)}%`
    return [
      name,
      of(({ judged }) => judged.utility).toFixed(3),
      share(of(({ judged }) => judged.answered)),
      share(of(({ judged }) => judged.right)),
      share(of(({ exact }) => exact)),
      of(({ f1 }) => f1).toFixed(3),
    ]
  })
  for (const line of textTable(
    [['led by', 'earned', 'answered', 'of these right', 'exact', 'word F1'], ...rows],
    [1, 2, 3, 4, 5],
  ))
    say(line)
  const observed = results.map(({ plays }) => plays[0]!.judged.utility)
  const off = results.map(({ crossReplay }, k) => crossReplay - observed[k]!)
  say(
    `promised (V*) ${mean(results.map(({ promised }) => promised)).toFixed(3)}, cross-replay ${mean(results.map(({ crossReplay }) => crossReplay)).toFixed(3)}, observed ${mean(observed).toFixed(3)}`,
  )
  say(
    `cross-replay within .3 of observed in ${off.filter((one) => Math.abs(one) <= 0.3).length} of ${off.length} splits, mean bias ${mean(off).toFixed(3)}`,
  )
}
