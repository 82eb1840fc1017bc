import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'undici'
import { Chooser } from '#agents/control/chooser.js'
import { Controller } from '#agents/control/controller.js'
import { PolicyRanker } from '#agents/control/policy-ranker.js'
import type { BundleManifest } from '#algorithms/bundle/bundle-schema.js'
import { describeAgents } from '#algorithms/bundle/load-policy.js'
import { encodeBundle } from '#algorithms/bundle/policy-bundle.js'
import { LinearPolicy } from '#algorithms/linear/linear-policy.js'
import { createEncoder, encoderConfig } from '#env/encoding/encoders.js'
import { Rng } from '#env/rng.js'
import { box, discrete } from '#env/space.js'
import type { EnvSpec } from '#env/spec.js'
import { type LatencyBenchmark, percentiles } from './latency.js'
import { cli, firstLine, start, stubEndpoint } from './processes.js'

const models = ['small', 'medium', 'large']
const ROWS = 5000

/** Questions of 20 to 120 words, the frequent ones far more often (Zipf), 20,000 different words. */
function questions(): string[] {
  const rng = new Rng('questions')
  const word = () => Math.floor(20_000 ** rng.uniform()).toString(36)
  return Array.from({ length: ROWS }, () => Array.from({ length: 20 + rng.integer(100) }, () => `w${word()}`).join(' '))
}

/** A linear policy over TF-IDF of words and pairs of words: a few hundred thousand columns. */
function router(texts: readonly string[]) {
  const config = encoderConfig.parse({ id: 'tfidf', analyzer: 'word', ngrams: [1, 2] })
  const encoder = createEncoder(config)
  encoder.fit(texts.map((text) => ({ text })))
  const spec: EnvSpec = {
    id: 'routing-cascade',
    version: '1',
    agents: [
      {
        name: 'router',
        observation: box(2 * models.length + 1),
        action: discrete(models.length, models),
        numObservations: 0,
        numFeatures: encoder.size,
      },
    ],
    numStates: 0,
    stateSize: 0,
    quantities: [],
    score: { aggregate: 'shared', over: 'episode' },
    limitSteps: null,
  }
  const rng = new Rng('weights')
  const columns = encoder.size + 2 * models.length + 1
  const weights = Float64Array.from({ length: models.length * (columns + 1) }, () => rng.uniform() - 0.5)
  return { spec, policy: new LinearPolicy(spec, [weights]), fitted: { config, encoder, fields: ['text'] as const } }
}

/** A prompt's text to the agent chosen, propensities and the copy for the log included. */
const decision: LatencyBenchmark = {
  name: 'serve/decision/tfidf-linear',
  unit: 'decisions',
  measure: async () => {
    const texts = questions()
    const { spec, policy, fitted } = router(texts)
    const chooser = new Chooser(new PolicyRanker(new Controller(policy, spec, fitted.encoder)), {
      epsilon: 0.05,
      seed: 0,
    })
    const callable = models.map(() => true)
    const times: number[] = []
    for (let round = 0; round < 5; round++) {
      for (const text of texts) {
        const began = performance.now()
        chooser.choose(text, callable)
        if (round > 0) times.push(performance.now() - began)
      }
    }
    return percentiles(times)
  },
}

/** What the gateway adds: requests through it less requests straight to the endpoint, 100 a second of each, in turns. */
const overhead: LatencyBenchmark = {
  name: 'serve/gateway-overhead/100-per-second',
  unit: 'requests',
  measure: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cadre-bench-'))
    const texts = questions()
    const stub = start(stubEndpoint, 'ok')
    const endpoint = `http://127.0.0.1:${await firstLine(stub)}/v1`
    const gateway = start(cli, 'serve', writeTeam(folder, texts, endpoint), '--json')
    const { url } = JSON.parse(await firstLine(gateway)) as { url: string }
    try {
      const [direct, through] = await inTurns([endpoint, url], texts)
      const [a, b] = [percentiles(direct!), percentiles(through!)]
      process.stderr.write(`direct p50 ${a.p50Ms.toFixed(2)} ms, through the gateway p50 ${b.p50Ms.toFixed(2)} ms\n`)
      return { p50Ms: b.p50Ms - a.p50Ms, p99Ms: b.p99Ms - a.p99Ms }
    } finally {
      gateway.kill('SIGTERM')
      await once(gateway, 'close')
      stub.stdin!.end()
      rmSync(folder, { recursive: true })
    }
  },
}

export const serveBenchmarks: readonly LatencyBenchmark[] = [decision, overhead]

/** Sends requests to each base URL in turn, each at 100 a second. @returns ms of each, the first second left out */
async function inTurns(urls: readonly string[], texts: readonly string[]): Promise<number[][]> {
  const pools = urls.map((url) => new Pool(new URL(url).origin))
  const times: number[][] = urls.map(() => [])
  const began = performance.now()
  const running: Promise<void>[] = []
  for (let k = 0; k < urls.length * 1000; k++) {
    const side = k % urls.length
    const body = JSON.stringify({ model: 'cadre', messages: [{ role: 'user', content: texts[k % ROWS] }] })
    const one = async () => {
      const sent = performance.now()
      const response = await pools[side]!.request({
        method: 'POST',
        path: '/v1/chat/completions',
        headers: { 'content-type': 'application/json' },
        body,
      })
      await response.body.arrayBuffer()
      if (response.statusCode !== 200) throw new Error(`${urls[side]}: HTTP ${response.statusCode}`)
      if (k >= urls.length * 100) times[side]!.push(performance.now() - sent)
    }
    running.push(one())
    const next = (10 * (k + 1)) / urls.length
    while (performance.now() - began < next) await new Promise((done) => setTimeout(done, 1))
  }
  await Promise.all(running)
  await Promise.all(pools.map((pool) => pool.close()))
  return times
}

/** A team whose policy was never trained: how long it takes doesn't depend on what it says. */
function writeTeam(folder: string, texts: readonly string[], endpoint: string): string {
  const { spec, policy, fitted } = router(texts)
  const manifest: BundleManifest = {
    environment: { id: spec.id, version: spec.version, config: {} },
    observes: policy.observes,
    agents: describeAgents(spec),
    encoder: null,
    algorithm: { name: 'linear-q', version: '1', config: {} },
    training: { run: null, trial: null, steps: 0, seed: 0 },
    evaluation: {},
  }
  for (const [name, bytes] of Object.entries(encodeBundle(manifest, policy.export(), fitted))) {
    writeFileSync(join(folder, name), bytes)
  }
  const agents = models.map((name) => ({ name, endpoint }))
  const file = join(folder, 'team.yaml')
  writeFileSync(file, JSON.stringify({ name: 'bench', policy: './', listen: { port: 0 }, agents }))
  return file
}
