import { type Optimiser, scaled, stepOfEach } from './optimiser.js'

/** Gradient descent: m' = momentum m + g, x' = x - rate m' (PyTorch's form: the rate is outside of m). Momentum 0 by default. */
export const sgd: Optimiser<{ readonly momentum?: number }> = (graph, loss, parameters, options) => {
  const { momentum = 0, name = 'sgd' } = options
  return stepOfEach(graph, loss, parameters, { ...options, name }, (parameter, gradient, { rate, scale, state }) => {
    const g = scaled(graph, gradient, scale)
    if (momentum === 0)
      return [{ kind: 'assign', variable: parameter, value: graph.sub(parameter, graph.mul(rate, g)) }]
    const before = state('momentum')
    const next = graph.add(graph.mul(graph.scalar(momentum), before), g)
    return [
      { kind: 'assign', variable: before, value: next },
      { kind: 'assign', variable: parameter, value: graph.sub(parameter, graph.mul(rate, next)) },
    ]
  })
}
