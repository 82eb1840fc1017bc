import type { Engine } from '../engine.js'
import { Graph } from '../graph.js'
import type { AdamStep } from '../program.js'
import { expectClose } from './expect-close.js'

/** A step of Adam on a variable of this length, whose gradient is made of the variable itself, against its formula. */
export function expectAdamStep(engine: Engine, length: number, tolerance: number): void {
  const graph = new Graph()
  const [x, m, v] = [0, 1, 2].map((k) => Float64Array.from({ length }, (_, at) => 1 + k + at / 4)) as Float64Array[]
  const variable = graph.variable(`x${length}`, [length])
  const names = [variable.name!, `m${length}`, `v${length}`]
  const [scale, rate, correction1, correction2] = [0.5, 0.125, 0.25, 0.75]
  const [beta1, beta2, epsilon, decay] = [0.75, 0.875, 0.01, 0.25]
  const effect: AdamStep = {
    kind: 'adam',
    variable,
    gradient: graph.square(variable),
    first: graph.variable(names[1]!, [length]),
    second: graph.variable(names[2]!, [length]),
    scale: graph.input('scale', []),
    rate: graph.scalar(rate),
    correction1: graph.scalar(correction1),
    correction2: graph.scalar(correction2),
    beta1,
    beta2,
    epsilon,
    decay,
  }
  const executable = engine.compile({ outputs: {}, effects: [effect] })
  for (const [k, values] of [x!, m!, v!].entries()) engine.variable(names[k]!)!.set(values)
  executable.input('scale').fill(scale)
  executable.run()
  const gradient = x!.map((value) => scale * value * value)
  const first = m!.map((value, k) => beta1 * value + (1 - beta1) * gradient[k]!)
  const second = v!.map((value, k) => beta2 * value + (1 - beta2) * gradient[k]! ** 2)
  const step = (k: number) => (rate * (first[k]! / correction1)) / (Math.sqrt(second[k]! / correction2) + epsilon)
  const moved = x!.map((value, k) => value - step(k) - rate * decay * value)
  for (const [k, expected] of [moved, first, second].entries()) {
    expectClose(engine.variable(names[k]!)!, expected, 8 * tolerance)
  }
}
