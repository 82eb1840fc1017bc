import { Bench } from 'tinybench'
import type { Measurement } from './benchmark.js'
import { planningBenchmarks } from './planning.js'
import { tabularBenchmarks } from './tabular.js'

/**
 * `npm run bench -- [--json] [NAME...]`: measures every benchmark whose name contains one of the words given; medians.
 * One thread; nothing else should run.
 */
const words = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
const json = process.argv.includes('--json')
const chosen = [...tabularBenchmarks, ...planningBenchmarks].filter(
  ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
)
const results: Measurement[] = []
for (const { name, unit, prepare } of chosen) {
  const { work, run } = await prepare()
  const bench = new Bench({ time: 1500, iterations: 5, warmupTime: 300, warmupIterations: 2 })
  bench.add(name, run)
  await bench.run()
  const { result } = bench.tasks[0]!
  if (result.state !== 'completed') throw new Error(`${name}: ${result.state}`)
  results.push({ name, perSecond: (1000 * work) / result.latency.p50, unit })
  if (!json) process.stdout.write(`${name.padEnd(48)} ${rounded(results.at(-1)!.perSecond).padStart(10)} ${unit}/s\n`)
}
if (json) process.stdout.write(`${JSON.stringify(results)}\n`)

/** Three digits with a unit letter. */
function rounded(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)} M`
  if (value >= 1e3) return `${(value / 1e3).toPrecision(3)} k`
  return value.toPrecision(3)
}
