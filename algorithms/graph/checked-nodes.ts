import { made } from './gradients.js'
import { GraphError } from './graph-error.js'
import { type Effect, type Program, readBy, writtenBy } from './program.js'
import { sameShape, showShape, sizeOf, type Tensor } from './tensor.js'

/**
 * All nodes that a program computes, reads or writes, in an order in which they can be computed: what an engine begins with.
 * @throws GraphError where effects don't fit or write a variable twice, or nodes are of several graphs
 */
export function checkedNodes({ outputs, effects }: Program): Tensor[] {
  effects.forEach(checkEffect)
  const written = effects.flatMap((effect) => writtenBy(effect))
  const twice = written.find((variable, k) => written.indexOf(variable) !== k)
  if (twice !== undefined) throw new GraphError(`two effects write the variable "${twice.name}"`)
  const nodes = [...made(...Object.values(outputs), ...effects.flatMap(readBy), ...written)]
  const byId = new Map(nodes.map((node) => [node.id, node]))
  if (byId.size !== nodes.length) throw new GraphError('a program has nodes of several graphs')
  return nodes.sort((a, b) => a.id - b.id)
}

function checkEffect(effect: Effect): void {
  for (const variable of writtenBy(effect)) {
    if (variable.operation !== 'variable')
      throw new GraphError(`${effect.kind}: expected a variable to write, got ${variable.operation}`)
    checkFits(effect, variable)
  }
  checkFits(effect, effect.kind === 'assign' ? effect.value : effect.gradient)
  if (effect.kind === 'assign') return
  for (const { shape, dtype } of readBy(effect).slice(1)) {
    if (dtype !== 'f32' || sizeOf(shape) !== 1)
      throw new GraphError(`adam: scale, rate and corrections are f32 [], got ${dtype} ${showShape(shape)}`)
  }
}

function checkFits({ kind, variable }: Effect, { dtype, shape }: Tensor): void {
  if (dtype === 'f32' && sameShape(shape, variable.shape)) return
  throw new GraphError(
    `${kind} of "${variable.name}": expected f32 ${showShape(variable.shape)}, got ${dtype} ${showShape(shape)}`,
  )
}
