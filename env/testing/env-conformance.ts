import { beforeAll, expect, it } from 'vitest'
import { type CheckOptions, type CheckReport, checkEnv, envCheckNames } from '../conformance/check-env.js'
import type { Env } from '../env.js'

/** Milliseconds that the checks of one environment may take: many times what they do, for busy machines. */
const LONGEST = 120_000

/** Registers one test a check: `describe('two-step', () => envConformance(() => new TwoStep()))`. */
export function envConformance(make: () => Env, options?: CheckOptions): void {
  let report: CheckReport
  beforeAll(() => {
    report = checkEnv(make, options)
  }, LONGEST)
  it.each(envCheckNames)('%s', (name) => {
    const result = report.checks.find((check) => check.name === name)
    expect(result?.ok, result?.message).toBe(true)
  })
}
