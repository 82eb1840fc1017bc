import { expect, it } from 'vitest'
import { routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { solveTeam } from './dispatch-optimum.js'
import { nearestSolution } from './team-solver.js'
import { TeamThread } from './team-task.js'

const config = { ...routingDispatchConfig.parse({}), limitSteps: null }
const solve = (present: boolean[], before?: ReturnType<typeof solveTeam>) =>
  solveTeam({ config, present, discount: 0.97, ...(before === undefined ? {} : { before }) })

it('a search begins at the solution for the same agents, or for the fewest more, and is the shorter for it', () => {
  const all = solve([true, true, true])
  const two = solve([false, true, true], all)
  const cold = solve([false, true, true])
  expect(two.iterations).toBeLessThan(cold.iterations)
  expect(Math.max(...two.value.map((value, s) => Math.abs(value - cold.value[s]!)))).toBeLessThan(1e-5)
  expect(solve([true, true, true], all).iterations).toBe(1)

  const known = [two, all]
  expect(nearestSolution(known, [false, true, true])).toBe(two)
  expect(nearestSolution(known, [false, false, true])).toBe(two)
  expect(nearestSolution(known, [true, false, true])).toBe(all)
  expect(nearestSolution([two], [true, true, true])).toBeUndefined()
})

it('a task ends the one before, also one whose thread has yet to begin', async () => {
  const thread = new TeamThread()
  const task = { kind: 'solve', problem: { config, present: [true, false, false], discount: 0.5 } } as const
  const runs = [thread.run(task), thread.run(task), thread.run(task)]
  const results = await Promise.allSettled(runs)
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
  const last = thread.run(task)
  await thread.close()
  await expect(last).rejects.toThrow('it was ended before it had an answer')
})
