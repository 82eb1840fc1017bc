import { beforeAll, expect, it } from 'vitest'
import { type CheckOptions, type CheckReport, checkEnv, envCheckNames } from '../conformance/check-env.js'
import type { Env } from '../env.js'

/** Registers one test a check: `describe('two-step', () => envConformance(() => new TwoStep()))`. */
export function envConformance(make: () => Env, options?: CheckOptions): void {
  let report: CheckReport
  beforeAll(() => {
    report = checkEnv(make, options)
  })
  it.each(envCheckNames)('%s', (name) => {
    const result = report.checks.find((check) => check.name === name)
    expect(result?.ok, result?.message).toBe(true)
  })
}
