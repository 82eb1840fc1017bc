/**
 * Our side of dqn-step.mjs: reads tasks as JSON, a line each, and answers with a line. `{ task: "step", batch, steps }` takes steps from where the last
 * ended, `{ task: "check", batch }` takes 100 from the start and tells the parameters, `{ task: "act", steps }` chooses for one observation.
 */
import { createInterface } from 'node:readline'
import { gradients } from '../../../dist/algorithms/graph/gradients.js'
import { Graph } from '../../../dist/algorithms/graph/graph.js'
import { SimdEngine } from '../../../dist/algorithms/graph/simd/simd-engine.js'
import { adam, problem, sizes } from './dqn-problem.mjs'

const names = (prefix) => sizes.slice(1).flatMap((_, k) => [`${prefix}/w${k}`, `${prefix}/b${k}`])

function network(graph, x, prefix) {
  return sizes.slice(1).reduce((h, columns, k) => {
    const weight = graph.variable(`${prefix}/w${k}`, [sizes[k], columns])
    const bias = graph.variable(`${prefix}/b${k}`, [columns])
    return graph.dense(h, weight, bias, k < sizes.length - 2 ? 'relu' : 'none')
  }, x)
}

export function dqnStep(given) {
  const { batch } = given
  const engine = new SimdEngine()
  const graph = new Graph()
  const [observation, next] = ['observation', 'next'].map((name) => graph.input(name, [batch, sizes[0]]))
  const action = graph.input('action', [batch], 'i32')
  const [reward, discount] = ['reward', 'discount'].map((name) => graph.input(name, [batch]))
  const [correction1, correction2] = ['correction1', 'correction2'].map((name) => graph.input(name, []))
  const values = graph.gather(network(graph, observation, 'online'), action)
  const best = graph.max(network(graph, next, 'target'), { keep: false })
  const target = graph.stopGradient(graph.add(reward, graph.mul(discount, best)))
  const loss = graph.mean(graph.huber(graph.sub(values, target)))
  const variables = names('online').map((name) => graph.nodes.find((node) => node.name === name))
  const byVariables = gradients(graph, loss, variables)
  const moment = (order, { name, shape }) => graph.variable(`${order}/${name}`, shape)
  const effects = variables.map((variable, k) => ({
    kind: 'adam',
    variable,
    gradient: byVariables[k],
    first: moment('first', variable),
    second: moment('second', variable),
    scale: graph.scalar(1),
    rate: graph.scalar(adam.rate),
    correction1,
    correction2,
    beta1: adam.beta1,
    beta2: adam.beta2,
    epsilon: adam.epsilon,
    decay: 0,
  }))
  const executable = engine.compile({ outputs: { loss }, effects })
  for (const name of ['observation', 'next', 'action', 'reward', 'discount']) executable.input(name).set(given[name])
  let t = 0
  const [first, second] = [executable.input('correction1'), executable.input('correction2')]
  return {
    parameters: () => names('online').map((name) => [...engine.variable(name)]),
    start() {
      t = 0
      for (const name of engine.variables.keys()) engine.variable(name).fill(0)
      names('online').forEach((name, k) => {
        engine.variable(name).set(given.parameters[k])
      })
      names('target').forEach((name, k) => {
        engine.variable(name).set(given.target[k])
      })
    },
    step() {
      t++
      first[0] = 1 - adam.beta1 ** t
      second[0] = 1 - adam.beta2 ** t
      executable.run()
    },
  }
}

function acting() {
  const given = problem(1)
  const engine = new SimdEngine()
  const graph = new Graph()
  const choice = graph.argmax(network(graph, graph.input('observation', [1, sizes[0]]), 'online'))
  const executable = engine.compile({ outputs: { choice }, effects: [] })
  names('online').forEach((name, k) => {
    engine.variable(name).set(given.parameters[k])
  })
  const [observation, chosen] = [executable.input('observation'), executable.output('choice')]
  return (k) => {
    observation[0] = k / 1000
    executable.run()
    return chosen[0]
  }
}

function timed(steps, step) {
  const [cpu, wall] = [process.cpuUsage(), performance.now()]
  for (let k = 0; k < steps; k++) step(k)
  const used = process.cpuUsage(cpu)
  return { cpu: (used.user + used.system) / steps, wall: ((performance.now() - wall) * 1000) / steps }
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const steps = new Map()
  const stepOf = (batch) => {
    if (!steps.has(batch)) {
      steps.set(batch, dqnStep(problem(batch)))
      steps.get(batch).start()
    }
    return steps.get(batch)
  }
  const act = acting()
  const tasks = {
    step: ({ batch, steps: count }) => timed(count, stepOf(batch).step),
    act: ({ steps: count }) => timed(count, act),
    check({ batch }) {
      const checked = stepOf(batch)
      checked.start()
      for (let k = 0; k < 100; k++) checked.step()
      return { parameters: checked.parameters() }
    },
  }
  process.stdout.write('{}\n')
  for await (const line of createInterface({ input: process.stdin })) {
    const task = JSON.parse(line)
    process.stdout.write(`${JSON.stringify(tasks[task.task](task))}\n`)
  }
}
