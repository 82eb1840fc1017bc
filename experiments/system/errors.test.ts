import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { decodeBundle } from '#algorithms/bundle/policy-bundle.js'
import { valueIteration } from '#algorithms/planning/value-iteration.js'
import { openBackend } from '#algorithms/tensor/backend.js'
import type { Env } from '#env/env.js'
import { type ErrorCode, errorCodes } from '#env/errors.js'
import { compileExpression } from '#env/expression/reward-expression.js'
import { gym } from '#env/gym/gym.js'
import { parallel } from '#env/gym/parallel.js'
import { toJointMdp, toMdp } from '#env/mdp/enumerate.js'
import type { TransitionSink } from '#env/mdp/transition-sink.js'
import { discrete } from '#env/space.js'
import { LockedDoor } from '#env/testing/locked-door.js'
import { TwoStep } from '#env/two-step/two-step.js'
import { VectorEnv } from '#env/vector-env.js'
import { train } from '../code-first.js'
import { type Failure, refusedCommand, thrownBy } from '../testing/provoked.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-errors-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
mkdirSync(join(folder, 'empty'))
writeFileSync(join(folder, 'a-file'), 'no folder')
const file = join(folder, 'experiment.yaml')
writeFileSync(
  file,
  'name: small\ndiscount: 0.9\nsteps: 100\nrows: 1\nseeds: 1\nevaluation: { points: 1 }\nenvironments: { two-step: {} }\nalgorithms: { independent-q: {} }\n',
)

class PaysNothingKnown extends LockedDoor {
  override step(actions: Int32Array): void {
    super.step(actions)
    this.slot.reward[0] = Number.NaN
  }
}

class LosesChances extends LockedDoor {
  override transitions(_state: number, _jointAction: Int32Array, sink: TransitionSink): void {
    sink.add(1, 0.75, [0], false)
  }
}

/** Two agents, as callers that learn names only at run time see them. */
function twoAgents() {
  const env: Env = new TwoStep()
  const game = parallel(env)
  game.reset()
  return game
}

async function unfinishedRunAgain(): Promise<unknown> {
  const experiment = {
    name: 'stopped',
    discount: 0.9,
    steps: 100,
    seeds: 1,
    evaluation: { points: 1 },
    environments: { 'two-step': {} },
    algorithms: { 'independent-q': {} },
  }
  await train(experiment, { outDir: join(folder, 'runs'), workers: 0, signal: AbortSignal.abort() })
  return train(experiment, { outDir: join(folder, 'runs'), workers: 0 })
}

/** One real way to each code, what it must say of where and what, and the exit code it stands for. */
const ways: { [code in ErrorCode]: [exitCode: 1 | 2, provoke: () => Promise<Failure>, message: RegExp] } = {
  ERR_SHAPE: [
    1,
    () => thrownBy(() => new VectorEnv(() => new TwoStep(), 0, 'seed')),
    /^VectorEnv: expected 1 or more rows, got 0$/,
  ],
  ERR_SPACE: [2, () => thrownBy(() => discrete(0)), /^discrete: expected a positive integer size, got 0$/],
  ERR_LIFECYCLE: [
    1,
    () => thrownBy(() => gym(new LockedDoor()).step(0)),
    /^gym\(locked-door\)\.step: .*; call reset first$/,
  ],
  ERR_UNKNOWN_AGENT: [
    1,
    () => thrownBy(() => twoAgents().step({ 'agent-0': 0, 'agent-1': 0, 'agent-2': 0 })),
    /^unknown agent "agent-2"; this environment has agent-0, agent-1$/,
  ],
  ERR_ILLEGAL_ACTION: [
    1,
    () => thrownBy(() => twoAgents().step({ 'agent-0': 0, 'agent-1': 2 })),
    /agent-1.*: action 2 lies outside 0\.\.1$/,
  ],
  ERR_NON_FINITE: [
    1,
    () =>
      thrownBy(() => {
        const env = new VectorEnv(() => new PaysNothingKnown(), 2, 'seed')
        env.reset()
        env.step(new Int32Array(2))
      }),
    /^locked-door: row 0 gave the reward \[NaN\], expected finite numbers; check/,
  ],
  ERR_EXPRESSION: [
    2,
    () => thrownBy(() => compileExpression('cost + process', ['cost'])),
    /^expression "cost \+ process": "process" is not a quantity \(names: cost\)$/,
  ],
  ERR_MODEL: [
    2,
    () => thrownBy(() => toJointMdp(new LosesChances())),
    /^locked-door: state 0 action 0: probabilities sum to 0\.75, expected 1$/,
  ],
  ERR_NOT_ENUMERABLE: [
    2,
    () => thrownBy(() => toMdp(new TwoStep())),
    /^two-step: toMdp needs a single agent, got 2; use toJointMdp$/,
  ],
  ERR_ITERATION_LIMIT: [
    1,
    () => thrownBy(() => valueIteration(toMdp(new LockedDoor()), { discount: 0.99, epsilon: 1e-6, maxIterations: 2 })),
    /^valueIteration: expected bounds within epsilon .* after at most 2 sweeps; allow more/,
  ],
  ERR_BUNDLE: [
    2,
    () => thrownBy(() => decodeBundle({})),
    /^policy bundle: weights\.safetensors is missing; a bundle is/,
  ],
  ERR_STATE: [
    1,
    () =>
      thrownBy(() => {
        const two = new VectorEnv(() => new TwoStep(), 2, 'seed')
        two.reset()
        new VectorEnv(() => new TwoStep(), 3, 'seed').loadState(two.saveState())
      }),
    /^VectorEnv\.loadState: 2 rows saved, 3 rows here$/,
  ],
  ERR_CONFIG: [2, () => refusedCommand('train', file, '--set', 'rows=0'), /^--set rows=0: rows: expected .*, got 0/],
  ERR_UNKNOWN_NAME: [
    2,
    () => refusedCommand('solve', 'frozn-lake', '--gamma', '0.9'),
    /^unknown environment "frozn-lake"; did you mean "frozen-lake"\?/,
  ],
  ERR_USAGE: [2, () => refusedCommand('trian', file), /^cadre: unknown command 'trian'; Did you mean train\?$/],
  ERR_USER_MODULE: [
    2,
    () => refusedCommand('check', join(folder, 'mine.mjs')),
    /mine\.mjs: no such file; paths are relative to/,
  ],
  ERR_RUN_STATE: [
    2,
    () => thrownBy(unfinishedRunAgain),
    /stopped-[0-9a-f]{8}: 0 of 1 trials are done; --resume goes on/,
  ],
  ERR_STORAGE: [
    2,
    () => refusedCommand('train', file, '--workers', '0', '--out', join(folder, 'a-file', 'runs')),
    /a-file\/runs: cannot create: a part of the path is a file, not a directory \(ENOTDIR\)$/,
  ],
  ERR_RECORD: [
    2,
    () => refusedCommand('report', join(folder, 'empty')),
    /empty: expected a run directory, found no manifest\.json in it$/,
  ],
  ERR_BACKEND: [
    2,
    () => thrownBy(openMissingBackend),
    /^openBackend: backend "[a-z-]+" is not available: .+; npm install /,
  ],
}

/** At least one of these is missing anywhere: TensorFlow's two packages don't go together in one thread. */
async function openMissingBackend(): Promise<void> {
  for (const name of ['node-gpu', 'webgpu', 'node'] as const) await openBackend(name)
}

describe('error codes', () => {
  it('are all provoked here, and no others', () => {
    expect(Object.keys(ways).sort()).toEqual([...errorCodes].sort())
    expect(new Set(errorCodes).size).toBe(errorCodes.length)
  })

  it.each(errorCodes)('%s says where and what', async (code) => {
    const [exitCode, provoke, message] = ways[code]
    const failure = await provoke()
    expect({ code: failure.code, exitCode: failure.exitCode }).toEqual({ code, exitCode })
    expect(failure.message).toMatch(message)
  })
})
