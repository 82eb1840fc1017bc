import { describe, expect, it } from 'vitest'
import { NotEnumerableError, ShapeError } from '#env/errors.js'
import { AgentTables } from './agent-tables.js'
import { madeSpec } from './testing/made-step.js'

/** The error that is thrown. */
function thrownBy(run: () => unknown): Error {
  try {
    run()
  } catch (error) {
    return error as Error
  }
  throw new Error('expected it to throw')
}

describe('tables of an agent with two choices and one with one', () => {
  const tables = new AgentTables(madeSpec([[2, 3], 4], 5))

  it('lie one after the other, as wide as the most actions, none for a choice that the agent does not have', () => {
    expect(tables.width).toBe(4)
    expect([...tables.count]).toEqual([5, 5, 5, 0])
    expect([...tables.offset]).toEqual([0, 20, 40, 60, 60])
    expect(tables.length).toBe(60)
  })

  it('have a row for each observation', () => {
    expect([tables.row(0, 0), tables.row(1, 0), tables.row(1, 4), tables.row(2, 3)]).toEqual([0, 20, 36, 52])
  })

  it.each([
    [1, 5, 'made: agent "a0" sees observation 5, expected observationId in 0..4; check the environment\'s numbering'],
    [2, -1, 'made: agent "a1" sees observation -1, expected observationId in 0..4; check the environment\'s numbering'],
    [3, 0, 'made: agent "a1" sees observation 0, expected observationId in 0..4; check the environment\'s numbering'],
  ])('refuse what their agent cannot see (choice %i, observation %i)', (choice, observation, message) => {
    for (const run of [() => tables.row(choice, observation), () => tables.refuse(choice, observation)]) {
      const error = thrownBy(run)
      expect(error).toBeInstanceOf(ShapeError)
      expect(error.message).toBe(message)
    }
  })
})

it('tables are refused where an agent’s observations are not numbered, and served with a single one', () => {
  const spec = madeSpec([2, [2, 2]], 1)
  expect(new AgentTables(spec).length).toBe(6)
  const [first, second] = spec.agents
  const error = thrownBy(() => new AgentTables({ ...spec, agents: [first!, { ...second!, numObservations: 0 }] }))
  expect(error).toBeInstanceOf(NotEnumerableError)
  expect(error.message).toBe(
    'made: agent "a1" has no numbered observations, which a table needs; use function approximation',
  )
})
