import { AgentFailure } from '#agents/client/agent-failure.js'
import type { Agent } from '#agents/contract/agent.js'
import { CheckedAgent } from '#agents/contract/checked-agent.js'
import type { DecisionLog } from '#agents/log/decision-log.js'
import type { PipelineLeader } from '#agents/pipeline/pipeline-leader.js'
import { beginningFields, callFields, endFields, stepFields } from '#agents/pipeline/pipeline-recorder.js'
import { PipelineWalk, type Stage, type WalkEnd } from '#agents/pipeline/pipeline-walk.js'
import { ConfidenceJudge } from '#agents/pipeline/stage-judge.js'
import { GivenClock } from '#agents/testing/given-clock.js'
import { Rng } from '#env/rng.js'
import type { RoutingPipelineConfig } from '#env/routing-pipeline/config.js'
import { PipelineRules } from '#env/routing-pipeline/pipeline-rules.js'

/** Grades as confidences, and the bounds between them. */
const confidenceOf = (grade: number, grades: number) => (grade + 0.5) / grades

/**
 * A team in virtual time whose agents answer as an instance says: each draws its grade from its own row, waits as long as it says, and
 * fails as often. What it earns is added up by hand, from what agents charged and the clock.
 */
export class DrawnTeam {
  readonly clock = new GivenClock()
  readonly rules: PipelineRules
  /** Agents that can't be reached, by name of the stage and the agent: `write/large`. */
  readonly down = new Set<string>()
  readonly #config: RoutingPipelineConfig
  readonly #rng: Rng
  readonly #walk: PipelineWalk
  readonly #log: DecisionLog | null
  /** Grade that the stage was entered with, told to agents by the team: they can't see it otherwise. */
  #entered = 0
  #grades: number[] = []
  /** First grades of programs in this stage, where they repeat themselves. */
  #said = new Map<string, number>()

  /** @param programs - agents that repeat themselves, whatever the instance says */
  constructor(
    config: RoutingPipelineConfig,
    leader: PipelineLeader,
    seed: string,
    programs: ReadonlySet<string> = new Set(),
    log: DecisionLog | null = null,
  ) {
    this.#config = config
    this.#rng = new Rng(seed)
    this.rules = new PipelineRules(config)
    const grades = config.entry.length
    const bounds = Array.from({ length: grades - 1 }, (_, g) => (g + 1) / grades)
    const identity = { team: 'drawn', policy: { name: leader.name, sha256: null, version: null } }
    const asker = { key: null, model: 'drawn', began: 0 }
    const stages: Stage[] = config.stages.map((stage, k) => ({
      name: stage.name,
      judge: new ConfidenceJudge(stage.agents.map(() => bounds)),
      members: stage.agents.map((agent, m) => ({
        agent: new CheckedAgent(this.#agent(k, m, programs.has(agent.name)), this.clock),
        timeoutMs: agent.timeoutS * 1000 + 1e9,
        expectedMs: agent.latencyS * 1000,
        expectedUsd: agent.price,
        isUp: () => !this.down.has(`${stage.name}/${agent.name}`),
      })),
    }))
    log?.write('pipeline', beginningFields(identity, config, stages))
    this.#log = log
    this.#walk = new PipelineWalk({
      rules: this.rules,
      stages,
      leader,
      clock: this.clock,
      entryGrade: () => this.#grades[0]!,
      called: (id, record) => log?.write('call', callFields(id, record)),
      heard: (step) => {
        const { progress } = step
        log?.write('decision', stepFields(identity, this.rules, stages, asker, step, this.clock.elapsedMs()))
        this.#entered = progress.grade
        if (progress.calls === 0) this.#said.clear()
      },
    })
  }

  /** One question, from its entry to its end; a question back is answered as the instance says. @returns what it earned */
  async question(id: string): Promise<number> {
    const { entry, ask, value, delayPrice, handOver } = this.#config
    this.#grades = [this.#rng.categorical(entry)]
    const limits = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY }
    const request = { id, question: id, history: [], found: {} }
    let earned = 0
    let end: WalkEnd = await this.#walk.walk(request, limits)
    this.#log?.write('end', endFields(id, end))
    if (end.kind === 'ask') {
      earned -= ask!.price
      this.#grades = [this.#rng.categorical(ask!.outcome[this.#grades[0]!]!)]
      end = await this.#walk.walk({ ...request, id: `${id} goes on` }, limits, {
        left: this.#config.maxCalls,
        memory: end.memory,
      })
      this.#log?.write('end', endFields(`${id} goes on`, end))
    }
    earned -= end.costUsd + (delayPrice * end.waitedMs) / 1000
    if (end.kind === 'handOver') return earned + handOver
    const success = this.#config.success as number[]
    return earned + (this.#rng.uniform() < success[end.kept.at(-1)!.grade]! ? value : 0)
  }

  #agent(k: number, m: number, isProgram: boolean): Agent {
    const stage = this.#config.stages[k]!
    const { name, failure, timeoutS, latencyS, price, outcome } = stage.agents[m]!
    return {
      card: {
        name: `${stage.name}/${name}`,
        summary: 'draws its grade as the instance says',
        adds: [],
        needs: [],
        repeats: false,
        longestQuestion: 1000,
      },
      handle: async () => {
        if (failure > 0 && this.#rng.uniform() < failure) {
          this.clock.pass(timeoutS * 1000)
          throw new AgentFailure('timeout', `${name} did not answer`)
        }
        const said = isProgram ? this.#said.get(name) : undefined
        const grade = said ?? this.#rng.categorical((outcome as number[][])[this.#entered]!)
        this.#said.set(name, grade)
        this.clock.pass(latencyS * 1000)
        return { found: {}, confidence: confidenceOf(grade, this.rules.grades), costUsd: price, provenance: [] }
      },
    }
  }
}
