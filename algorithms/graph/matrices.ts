import { GraphError } from './graph-error.js'
import type { Operation } from './operation.js'
import { type Shape, sameShape, showShape, type Tensor } from './tensor.js'

export const activations = ['none', 'relu', 'tanh', 'sigmoid'] as const
export type Activation = (typeof activations)[number]

/** [rows, columns] of the last two axes, turned where told. */
function turned(shape: Shape, transposed: boolean): [number, number] {
  const [rows, columns] = [shape.at(-2)!, shape.at(-1)!]
  return transposed ? [columns, rows] : [rows, columns]
}

function checkFloats(what: string, inputs: readonly Tensor[]): void {
  const other = inputs.find(({ dtype }) => dtype !== 'f32')
  if (other !== undefined) throw new GraphError(`${what}: expected f32, got ${other.dtype}`)
}

/** Products of matrices. */
export const matrices: { readonly [name: string]: Operation } = {
  /** Of the last two axes; those before are a batch, the same for both. */
  matmul: {
    infer: (inputs, { transposeA, transposeB }) => {
      checkFloats('matmul', inputs)
      const [a, b] = [inputs[0]!.shape, inputs[1]!.shape]
      const refuse = (why: string) => new GraphError(`matmul: ${showShape(a)} and ${showShape(b)} don't fit: ${why}`)
      if (a.length < 2 || a.length !== b.length) throw refuse('expected matrices with equal numbers of axes')
      if (!sameShape(a.slice(0, -2), b.slice(0, -2))) throw refuse('their batches differ')
      const [rows, inner] = turned(a, transposeA as boolean)
      const [other, columns] = turned(b, transposeB as boolean)
      if (inner !== other) throw refuse(`${inner} columns by ${other} rows`)
      return { shape: [...a.slice(0, -2), rows, columns], dtype: 'f32' }
    },
    gradient: (graph, { inputs: [a, b], attributes: { transposeA, transposeB } }, g) => {
      const [ta, tb] = [transposeA as boolean, transposeB as boolean]
      return [
        ta ? graph.matmul(b!, g, { transposeA: tb, transposeB: true }) : graph.matmul(g, b!, { transposeB: !tb }),
        tb ? graph.matmul(g, a!, { transposeA: true, transposeB: ta }) : graph.matmul(a!, g, { transposeA: !ta }),
      ]
    },
  },
  /** activation(x W + b): x [N, I], W [I, O], b [O]. */
  dense: {
    infer: (inputs) => {
      checkFloats('dense', inputs)
      const [x, weight, bias] = inputs.map(({ shape }) => shape) as [Shape, Shape, Shape]
      const fits = x.length === 2 && weight.length === 2 && x[1] === weight[0] && sameShape(bias, [weight[1]!])
      if (!fits) {
        throw new GraphError(
          `dense: input ${showShape(x)}, weights ${showShape(weight)} and bias ${showShape(bias)} don't fit`,
        )
      }
      return { shape: [x[0]!, weight[1]!], dtype: 'f32' }
    },
    gradient: (graph, output, upstream) => {
      const [x, weight] = output.inputs
      const { activation } = output.attributes
      const g = activation === 'none' ? upstream : graph.apply(`${activation}Gradient`, [upstream, output])
      return [
        graph.matmul(g, weight!, { transposeB: true }),
        graph.matmul(x!, g, { transposeA: true }),
        graph.reshape(graph.sum(g, [0]), [weight!.shape[1]!]),
      ]
    },
  },
}
