import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { OptimalLeader, type PipelineLeader, PolicyLeader } from '#agents/pipeline/pipeline-leader.js'
import { routingPipelineConfig } from '#env/routing-pipeline/config.js'
import { defaultStages } from '#env/routing-pipeline/default-instance.js'
import { routingPipeline } from '#env/routing-pipeline/entry.js'
import { PipelineRules } from '#env/routing-pipeline/pipeline-rules.js'
import { pipelineSpec } from '#env/routing-pipeline/pipeline-view.js'
import { pipelinePolicies } from '#env/routing-pipeline/policies/scripted.js'
import { policyFor } from '../bundles/policy-for.js'
import { loadExperiment } from '../config/load-experiment.js'
import { planTrials } from '../plan/plan-trials.js'
import { train } from '../train.js'
import { solvePipeline } from './solve-pipeline.js'
import { DrawnTeam } from './testing/drawn-team.js'

const programs = new Set(['rules', 'keywords', 'extract', 'none'])
const again = routingPipelineConfig.parse({})
const same = routingPipelineConfig.parse({
  stages: defaultStages.map((stage) => ({
    ...stage,
    agents: stage.agents.map((agent) => ({ ...agent, repeat: programs.has(agent.name) ? 'same' : 'again' })),
  })),
})

const optimal = (config: typeof again): PipelineLeader =>
  new OptimalLeader(new PipelineRules(config), (present, from) => solvePipeline(config, present, from))

const rule = (name: string, config: typeof again): PipelineLeader => {
  const rules = new PipelineRules(config)
  const entry = pipelinePolicies.find((policy) => policy.name === name)!
  const policy = entry.create({ spec: pipelineSpec(config, rules), envConfig: config }, {})
  return new PolicyLeader(name, policy, rules, config, 'walk')
}

const questions = 20_000

/** Mean of so many questions, and its standard error. */
async function play(team: DrawnTeam): Promise<{ mean: number; error: number }> {
  let sum = 0
  let squares = 0
  for (let k = 0; k < questions; k++) {
    const earned = await team.question(`q${k}`)
    sum += earned
    squares += earned * earned
  }
  const mean = sum / questions
  return { mean, error: Math.sqrt((squares / questions - mean * mean) / questions) }
}

/** How far a mean lies from an expectation, in standard errors. */
const off = ({ mean, error }: { mean: number; error: number }, expected: number) => Math.abs(mean - expected) / error

// 99% of means of fair draws lie within 2.58 standard errors; seeds were fixed beforehand.
describe('a live walk in virtual time, agents that draw as the instance says', { timeout: 120_000 }, () => {
  it('earns what the optimum is worth', async () => {
    expect(off(await play(new DrawnTeam(again, optimal(again), 'live')), 6.215411398519319)).toBeLessThan(2.58)
  })

  it('earns what the cascade is worth', async () => {
    expect(off(await play(new DrawnTeam(again, rule('cascade', again), 'live')), 3.5579796308924005)).toBeLessThan(2.58)
  })

  it('earns what the optimum is worth where programs repeat themselves, as the instance says', async () => {
    const team = new DrawnTeam(same, optimal(same), 'live', programs)
    expect(off(await play(team), 5.920088896214517)).toBeLessThan(2.58)
  })

  it('shows where the instance takes programs for draws: it earns less than predicted, far beyond chance', async () => {
    const observed = await play(new DrawnTeam(again, optimal(again), 'live', programs))
    expect(off(observed, 6.215411398519319)).toBeGreaterThan(20)
    expect(off(observed, 5.0911)).toBeLessThan(2.58)
  })

  it('earns what a learned policy is worth', async () => {
    const outDir = mkdtempSync(join(tmpdir(), 'cadre-walk-'))
    try {
      const file = fileURLToPath(new URL('../configs/routing-pipeline.yaml', import.meta.url))
      // Less than it takes to learn well, so that its value isn't the optimum's.
      const loaded = await loadExperiment(file, { seeds: 1, set: ['steps=100000', 'baselines=[]'] })
      const { run, trials } = await train(planTrials(loaded), { outDir, workers: 0 })
      const { id, final } = trials[0]!
      const spec = pipelineSpec(again, new PipelineRules(again))
      const setting = { entry: routingPipeline, config: JSON.parse(JSON.stringify(again)), spec }
      const { policy } = await policyFor(join(run, 'trials', id, 'policy'), setting, { baseDir: outDir })
      const leader = new PolicyLeader('learned', policy, new PipelineRules(again), again, 'walk')
      expect(final).toBeLessThan(6.2)
      expect(off(await play(new DrawnTeam(again, leader, 'live')), final!)).toBeLessThan(2.58)
    } finally {
      rmSync(outDir, { recursive: true })
    }
  })

  it('earns the exact value of the instance without an agent that is down, solved again', async () => {
    const team = new DrawnTeam(again, optimal(again), 'live')
    team.down.add('write/extract')
    const without = again.stages.map((stage) => ({
      ...stage,
      agents: stage.agents.filter(({ name }) => stage.name !== 'write' || name !== 'extract'),
    }))
    const { start } = solvePipeline(routingPipelineConfig.parse({ stages: without }))
    const present = again.stages.map(({ name, agents }) =>
      agents.map((one) => name !== 'write' || one.name !== 'extract'),
    )
    expect(start).toBeLessThan(6)
    expect(solvePipeline(again, present).start).toBeCloseTo(start, 9)
    expect(off(await play(team), start)).toBeLessThan(2.58)
  })
})
