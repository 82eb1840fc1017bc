import { Bench } from 'tinybench'
import type { Measurement } from './benchmark.js'
import { dataBenchmarks } from './data.js'
import { environmentBenchmarks } from './environments.js'
import { measureLatency } from './latency.js'
import { planningBenchmarks } from './planning.js'
import { serveBenchmarks } from './serve.js'
import { tabularBenchmarks } from './tabular.js'
import { tensorLearningBenchmarks } from './tensor-learning.js'
import { tensorBenchmarks } from './tensors.js'

/**
 * `npm run bench -- [--json] [NAME...]`: measures every benchmark whose name contains one of the words given; medians, and the
 * processor time of a round.
 * One thread; nothing else should run.
 */
const words = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
const json = process.argv.includes('--json')
const isChosen = ({ name }: { readonly name: string }) =>
  words.length === 0 || words.some((word) => name.includes(word))
const chosen = [
  ...tabularBenchmarks,
  ...environmentBenchmarks,
  ...planningBenchmarks,
  ...tensorBenchmarks,
  ...tensorLearningBenchmarks,
  ...dataBenchmarks,
].filter(isChosen)
const results: Measurement[] = []
for (const { name, unit, prepare } of chosen) {
  const prepared = await prepare()
  if ('skipped' in prepared) {
    process.stderr.write(`${name}: skipped: ${prepared.skipped}\n`)
    continue
  }
  const { work, run } = prepared
  const bench = new Bench({ time: 1500, iterations: 5, warmupTime: 300, warmupIterations: 2 })
  let rounds = 0
  bench.add(name, async () => {
    rounds++
    await run()
  })
  const before = process.cpuUsage()
  await bench.run()
  const { user, system } = process.cpuUsage(before)
  const processorSeconds = (user + system) / 1e6 / rounds
  const { result } = bench.tasks[0]!
  if (result.state !== 'completed') throw new Error(`${name}: ${result.state}`)
  const seconds = result.latency.p50 / 1000
  results.push({ name, perSecond: work / seconds, unit, seconds, processorSeconds })
  const figure = `${rounded(work / seconds).padStart(10)} ${unit}/s`.padEnd(30)
  if (!json) {
    const round = `${seconds.toPrecision(3)} s a round, ${processorSeconds.toPrecision(3)} s of processor time`
    process.stdout.write(`${name.padEnd(48)} ${figure} ${round}\n`)
  }
}
for (const benchmark of serveBenchmarks.filter(isChosen)) {
  const measured = await measureLatency(benchmark)
  results.push(measured)
  const { name, unit, p50Ms, p99Ms } = measured
  const figure = `p50 ${p50Ms.toPrecision(3)} ms, p99 ${p99Ms.toPrecision(3)} ms`
  if (!json) process.stdout.write(`${name.padEnd(48)} ${figure} of ${unit}\n`)
}
if (json) process.stdout.write(`${JSON.stringify(results)}\n`)

/** Three digits with a unit letter. */
function rounded(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)} M`
  if (value >= 1e3) return `${(value / 1e3).toPrecision(3)} k`
  return value.toPrecision(3)
}
