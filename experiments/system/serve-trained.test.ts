import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadEncoder } from '#algorithms/bundle/load-encoder.js'
import { loadPolicy } from '#algorithms/bundle/load-policy.js'
import type { PreparedData } from '#env/data-contract.js'
import { jsonLines } from '#env/outcomes/write-outcomes.js'
import type { PolicyBatch } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import { routingCascade } from '#env/routing-cascade/entry.js'
import { layoutOf } from '#env/spec.js'
import { readBundle } from '../bundles/read-bundle.js'
import { loadOutcomes, locateOutcomes } from '../data/locate-outcomes.js'
import { runCli } from '../testing/compiled-cli.js'
import { exchange, postBytes, responsesIn } from '../testing/raw-http.js'
import { startServe, startStubProcess } from '../testing/serve-process.js'

const shared = process.env.CADRE_SHARED ?? fileURLToPath(new URL('../../../shared', import.meta.url))
const ready = existsSync(join(shared, 'data/routellm'))
const HELD_OUT = 200

const experiment = `
name: gsm8k
discount: 0.99
steps: 4000
rows: 1
seeds: 1
evaluation: { points: 1, episodes: 100 }
environments:
  gsm8k: { use: routing-cascade, outcomes: ./train.jsonl, costWeight: 20 }
algorithms:
  linear-q: { feedback: full, exploration: 1 }
`

/** What the policy does with the rows held out, seen through its environment. */
function offline(folder: string, { heldOut, test }: PreparedData, config: unknown) {
  const bundle = readBundle(folder)
  const env = routingCascade.create(config, test)
  const policy = loadPolicy(bundle, env.spec)
  const layout = layoutOf(env.spec)
  const size = heldOut.rows.length
  const batch: PolicyBatch = {
    layout,
    size,
    observation: new Float32Array(size * layout.observationSize),
    mask: new Uint8Array(size * layout.numActions).fill(1),
    observationId: new Int32Array(size).fill(-1),
    stateId: new Int32Array(size).fill(-1),
    state: new Float32Array(0),
    features: heldOut.features,
    featureRow: heldOut.rows,
  }
  const actions = new Int32Array(size)
  const scores = new Float64Array(size * layout.numActions)
  policy.act(batch, new Rng('offline'), actions)
  policy.scores!(batch, scores)
  return { actions, scores }
}

describe.skipIf(!ready)('a trained policy (skipped where CADRE_SHARED has no GSM8K)', () => {
  it(`chooses and scores ${HELD_OUT} held-out questions of GSM8K live as offline`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cadre-trained-'))
    const table = await loadOutcomes(await locateOutcomes('routellm-gsm8k', '.', { CADRE_SHARED: shared }))
    const rows = Int32Array.from({ length: table.size }, (_, row) => row)
    const split = { train: rows.slice(HELD_OUT), test: rows.slice(0, HELD_OUT) }
    const priced = [...jsonLines(table.select(split.train))].map((line) => {
      const row = JSON.parse(line) as { models: Record<string, object> }
      const models = Object.entries(row.models).map(([name, known], m) => [
        name,
        { ...known, costUsd: [1e-4, 1e-2][m] },
      ])
      return `${JSON.stringify({ ...row, models: Object.fromEntries(models) as object })}\n`
    })
    writeFileSync(join(folder, 'train.jsonl'), priced.join(''))
    writeFileSync(join(folder, 'gsm8k.yaml'), experiment)
    const trained = await runCli(['train', join(folder, 'gsm8k.yaml'), '--out', join(folder, 'runs'), '--workers', '0'])
    expect(trained, trained.stderr).toMatchObject({ code: 0 })
    const made = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    const policy = join(folder, made.find((path) => path.endsWith('policy.json'))!, '..')

    const bundle = readBundle(policy)
    const prices = table.models.map((name, m) => ({ name, costUsd: [1e-4, 1e-2][m] }))
    const config = routingCascade.schema.parse({ ...bundle.description.environment.config, models: prices })
    const prepared = routingCascade.data!.prepare(config, table, split, loadEncoder(bundle)!)
    const { actions, scores } = offline(policy, prepared, config)
    expect(new Set(actions).size).toBe(2)

    const stub = await startStubProcess('ok')
    const agents = table.models.map((name) => ({ name, endpoint: stub.endpoint }))
    const gateway = await startServe(folder, JSON.stringify({ name: 'gsm8k', policy, agents }))
    const port = Number(new URL(gateway.url).port)
    for (let row = 0; row < HELD_OUT; row++) {
      const messages = [{ role: 'user', content: table.text(row) }]
      const sent = postBytes('/v1/chat/completions', { model: 'cadre', messages })
      const { headers } = responsesIn((await exchange(port, sent, 5000)).bytes)[0]!
      const action = actions[row]!
      expect(headers['x-cadre-agent']).toBe(table.models[action])
      expect(Number(headers['x-cadre-score'])).toBe(scores[2 * row + action])
    }
    gateway.decisions().forEach(({ scores: logged }, row) => {
      expect(logged).toEqual([...scores.subarray(2 * row, 2 * row + 2)])
    })
    expect((await gateway.stop()).code).toBe(0)
    stub.close()
    rmSync(folder, { recursive: true })
  }, 60_000)
})
