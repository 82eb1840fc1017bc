import { describe, expect, it } from 'vitest'
import * as errors from './errors.js'

describe('errors', () => {
  it('have one class a code, named after itself', () => {
    const { ShapeError, UnknownAgentError, ConfigError, UnknownNameError } = errors
    expect(new ShapeError('x')).toMatchObject({ name: 'ShapeError', code: 'ERR_SHAPE', exitCode: 1 })
    expect(new UnknownAgentError('bob', ['ann']).message).toBe('unknown agent "bob"; this environment has ann')
    expect(new UnknownNameError('environment', 'x', []).exitCode).toBe(2)
    expect(new ConfigError([])).toBeInstanceOf(errors.CadreError)
    expect(new Set(errors.errorCodes).size).toBe(errors.errorCodes.length)
  })

  it('report all problems of a configuration, each where it is', () => {
    const error = new errors.ConfigError([
      { path: 'a.b', message: 'too small', file: 'x.yaml', line: 3, column: 7 },
      { path: '', message: 'no keys' },
    ])
    expect(error.message).toBe('x.yaml:3:7: a.b: too small\nno keys')
    expect(error).toMatchObject({ code: 'ERR_CONFIG', exitCode: 2 })
  })

  it('suggest the nearest known name, or none when none is near', () => {
    const known = ['two-step', 'matrix-game', 'gridworld']
    expect(errors.nearestName('twostep', known)).toBe('two-step')
    expect(errors.nearestName('GridWorld', known)).toBe('gridworld')
    expect(errors.nearestName('chess-of-the-north', known)).toBe(undefined)
    expect(errors.unknownNameMessage('environment', 'gridwold', known)).toBe(
      'unknown environment "gridwold"; did you mean "gridworld"? (known: two-step, matrix-game, gridworld)',
    )
  })
})
