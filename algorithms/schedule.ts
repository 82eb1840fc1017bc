import { z } from 'zod'
import { power } from '#env/power.js'

/** A number that changes as training goes on. Fractions are of the trial's total steps. */
export const scheduleConfig = z
  .union([
    z.number(),
    z.strictObject({
      kind: z.enum(['linear', 'geometric']).describe('linear: equal differences; geometric: equal ratios'),
      from: z.number().describe('value at the start'),
      to: z.number().describe('value from `until` on'),
      until: z.number().gt(0).max(1).default(1).describe('fraction of the steps at which `to` is reached'),
    }),
  ])
  .superRefine((schedule, context) => {
    if (typeof schedule === 'number' || schedule.kind !== 'geometric') return
    for (const key of ['from', 'to'] as const) {
      if (schedule[key] <= 0) {
        context.addIssue({
          code: 'custom',
          path: [key],
          message: `expected more than 0 in a geometric schedule, got ${schedule[key]}`,
        })
      }
    }
  })

export type ScheduleConfig = z.infer<typeof scheduleConfig>

/** A schedule whose values all lie within [low, high]. */
export function scheduleWithin(low: number, high: number) {
  return scheduleConfig.superRefine((schedule, context) => {
    const refuse = (path: string[], value: number) =>
      context.addIssue({ code: 'custom', path, message: `expected a value within ${low}..${high}, got ${value}` })
    const outside = (value: number) => value < low || value > high
    if (typeof schedule === 'number') {
      if (outside(schedule)) refuse([], schedule)
      return
    }
    if (outside(schedule.from)) refuse(['from'], schedule.from)
    if (outside(schedule.to)) refuse(['to'], schedule.to)
  })
}

/** Value of a schedule after `step` of `totalSteps` steps. */
export function scheduleAt(schedule: ScheduleConfig, step: number, totalSteps: number): number {
  if (typeof schedule === 'number') return schedule
  const { kind, from, to, until } = schedule
  const fraction = Math.min(1, step / (until * totalSteps))
  return kind === 'linear' ? from + (to - from) * fraction : from * power(to / from, fraction)
}
