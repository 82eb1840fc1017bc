import type { FlowStep, PolicyFlow } from '../policy-flow.js'
import { gradeNames, type RoutingPipelineConfig } from './config.js'
import { newProgress, PipelineRules, type Progress } from './pipeline-rules.js'

/** How the course of questions through a pipeline is drawn. Going on to the next stage is no box of its own. */
export function pipelineFlow(config: RoutingPipelineConfig): PolicyFlow {
  const rules = new PipelineRules(config)
  const names = gradeNames(config)
  const progress = newProgress()
  return {
    episodes: 'questions',
    phases: [...rules.stages.map(({ name }) => name), 'end'],
    step(state, action) {
      rules.read(state, progress)
      return stepOf(rules, names, progress, action)
    },
  }
}

function stepOf(rules: PipelineRules, names: readonly string[], progress: Progress, action: number): FlowStep {
  const { stage, best, asked } = progress
  const end = rules.stages.length
  if (action === rules.handOver) return { kind: 'ends', key: 'person', phase: end, title: 'a person', notes: [] }
  if (action === rules.accept) {
    if (!rules.isLast(progress)) return { kind: 'passes' }
    const chance = rules.successOf(progress)
    const notes = [`${names[best]!}: right ${(100 * chance).toFixed(0)}%`]
    return { kind: 'ends', key: `answer ${best} ${chance}`, phase: end, title: 'answer', notes }
  }
  const isFirst = stage === 0
  const title = action === rules.ask ? 'ask back' : rules.stages[stage]!.agents[action]!.name
  return {
    kind: 'acts',
    // Equal but for the calls that are left: one box.
    key: [stage, progress.grade, best, progress.calls, progress.answered, isFirst ? asked : 0, action].join(' '),
    phase: stage,
    title,
    notes: [
      isFirst
        ? `${asked === 1 ? 'asked, ' : ''}looks ${looks(names, progress.grade)}`
        : `comes in ${names[progress.grade]!}`,
      ...(progress.calls > 0 ? [`${progress.calls} called, best ${best < 0 ? 'nothing' : names[best]!}`] : []),
    ],
  }
}

/** How a question looks: a low grade is hard. */
function looks(names: readonly string[], grade: number): string {
  return names.join() === 'low,middle,high' ? ['hard', 'middling', 'easy'][grade]! : names[grade]!
}
