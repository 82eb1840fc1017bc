import type { z } from 'zod'
import { type Finding, findings } from '#env/schema-words/issue-message.js'
import { type SchemaShape, shapeOf } from '#env/schema-words/schema-shape.js'
import type { EnvSpec } from '#env/spec.js'
import { layoutOf } from '#env/spec.js'
import type { TraceContract } from '#env/trace/trace-contract.js'
import type { Trace, TraceStep } from '#env/trace/trace-schema.js'

/** A schema with what messages say of it. */
interface Part {
  readonly schema: z.ZodType
  readonly shape: SchemaShape
}

/** Everything in a trace that doesn't fit its environment. */
export function traceProblems(trace: Trace, spec: EnvSpec, contract: TraceContract): Finding[] {
  const part = (schema: z.ZodType): Part => ({ schema, shape: shapeOf(schema) })
  const initial = part(contract.initial)
  const state = part(contract.state)
  const events = contract.events === null ? null : part(contract.events)
  return trace.episodes.flatMap((episode, e) => {
    const at = ['episodes', e]
    return [
      ...partProblems(initial, episode.initial, [...at, 'initial']),
      ...observationProblems(spec, episode.initialObservations, [...at, 'initialObservations']),
      ...episode.steps.flatMap((step, t) => {
        const where = [...at, 'steps', t]
        return [
          ...stepProblems(spec, step, where),
          ...endProblems(step, t === episode.steps.length - 1, where),
          ...(step.state === undefined ? [] : partProblems(state, step.state, [...where, 'state'])),
          ...(step.events === undefined ? [] : eventProblems(events, spec, step.events, [...where, 'events'])),
        ]
      }),
    ]
  })
}

type Path = Finding['path']

function problem(path: Path, message: string): Finding {
  return { path, message, at: 'value' }
}

function partProblems({ schema, shape }: Part, value: unknown, at: Path): Finding[] {
  const result = schema.safeParse(value)
  if (result.success) return []
  const found = findings(result.error.issues as z.core.$ZodIssue[], value, shape)
  return found.map((finding) => ({ ...finding, path: [...at, ...finding.path] }))
}

function eventProblems(events: Part | null, spec: EnvSpec, value: unknown, at: Path): Finding[] {
  if (events === null) return [problem(at, `nothing is drawn in a step of ${spec.id}; leave events out`)]
  return partProblems(events, value, at)
}

function stepProblems(spec: EnvSpec, step: TraceStep, at: Path): Finding[] {
  const { actionsOf } = layoutOf(spec)
  const outside = step.actions.flatMap((action, i) => {
    if (i >= actionsOf.length || action < actionsOf[i]!) return []
    const { name } = spec.agents[i]!
    return [problem([...at, 'actions', i], `expected 0..${actionsOf[i]! - 1}, the actions of ${name}, got ${action}`)]
  })
  return [
    ...countProblems(spec, step.actions, [...at, 'actions']),
    ...outside,
    ...countProblems(spec, step.rewards, [...at, 'rewards']),
    ...observationProblems(spec, step.observations, [...at, 'observations']),
  ]
}

function endProblems({ terminated, truncated }: TraceStep, isLast: boolean, at: Path): Finding[] {
  if (isLast || !(terminated || truncated)) return []
  return [problem(at, 'the episode ends here, but more steps follow; start another episode')]
}

function observationProblems(
  spec: EnvSpec,
  observations: readonly (readonly number[])[] | undefined,
  at: Path,
): Finding[] {
  if (observations === undefined) return []
  const sizes = spec.agents.flatMap(({ name, observation: { size } }, i) => {
    const length = observations[i]?.length ?? size
    return length === size ? [] : [problem([...at, i], `${name} sees ${size} numbers, got ${length}`)]
  })
  return [...countProblems(spec, observations, at), ...sizes]
}

function countProblems(spec: EnvSpec, perAgent: readonly unknown[], at: Path): Finding[] {
  const { length } = spec.agents
  return perAgent.length === length
    ? []
    : [problem(at, `expected one of ${length} agents each, got ${perAgent.length}`)]
}
