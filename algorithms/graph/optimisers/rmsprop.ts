import { type Optimiser, scaled, stepOfEach } from './optimiser.js'

/**
 * RMSprop (Tieleman and Hinton 2012) in PyTorch's form: v' = alpha v + (1 - alpha) g^2, x' = x - rate g / (sqrt(v') + epsilon).
 * Alpha .99 and epsilon 1e-8 by default, as there.
 */
export const rmsprop: Optimiser<{ readonly alpha?: number; readonly epsilon?: number }> = (
  graph,
  loss,
  parameters,
  options,
) => {
  const { alpha = 0.99, epsilon = 1e-8, name = 'rmsprop' } = options
  return stepOfEach(graph, loss, parameters, { ...options, name }, (parameter, gradient, { rate, scale, state }) => {
    const g = scaled(graph, gradient, scale)
    const before = state('square')
    const square = graph.add(
      graph.mul(graph.scalar(alpha), before),
      graph.mul(graph.scalar(1 - alpha), graph.square(g)),
    )
    const step = graph.div(graph.mul(rate, g), graph.add(graph.sqrt(square), graph.scalar(epsilon)))
    return [
      { kind: 'assign', variable: before, value: square },
      { kind: 'assign', variable: parameter, value: graph.sub(parameter, step) },
    ]
  })
}
