import type { Engine, Executable } from '../engine.js'
import { made } from '../gradients.js'
import { Graph } from '../graph.js'
import { type Attributes, type Dtype, type Shape, showShape, type Tensor } from '../tensor.js'

/** What is given to an input: its numbers, row-major. */
export interface Given {
  readonly shape: Shape
  readonly dtype: Dtype
  readonly values: readonly number[]
}

export const f32 = (shape: Shape, values: readonly number[]): Given => ({ shape, dtype: 'f32', values })
export const i32 = (shape: Shape, values: readonly number[]): Given => ({ shape, dtype: 'i32', values })
export const u8 = (shape: Shape, values: readonly number[]): Given => ({ shape, dtype: 'u8', values })

/** One operation on some inputs. */
export interface OperationCase {
  readonly operation: string
  readonly inputs: readonly Given[]
  readonly attributes: Attributes
}

export function titleOf({ operation, inputs, attributes }: OperationCase): string {
  const told = Object.keys(attributes).length === 0 ? '' : ` ${JSON.stringify(attributes)}`
  return `${operation} of ${inputs.map(({ shape, dtype }) => `${dtype} ${showShape(shape)}`).join(', ')}${told}`
}

/** The case in a graph of its own; input k is called `x<k>`. */
export function graphOf({ operation, inputs, attributes }: OperationCase) {
  const graph = new Graph()
  const leaves = inputs.map(({ shape, dtype }, k) => graph.input(`x${k}`, shape, dtype))
  return { graph, inputs: leaves, output: graph.apply(operation, leaves, attributes) }
}

/** What comes of a case on an engine. */
export function resultOf(engine: Engine, one: OperationCase): number[] {
  const { output } = graphOf(one)
  return computed(engine, { output }, Object.fromEntries(one.inputs.map(({ values }, k) => [`x${k}`, values]))).output!
}

/** Runs a program without effects once. */
export function computed(
  engine: Engine,
  outputs: { readonly [name: string]: Tensor },
  given: { readonly [input: string]: readonly number[] },
): { [name: string]: number[] } {
  const executable = fed(engine, outputs, given)
  executable.run()
  return Object.fromEntries(Object.keys(outputs).map((name) => [name, [...executable.output(name)]]))
}

/** A program without effects, its inputs written. What is given to inputs that the outputs don't need is left. */
export function fed(
  engine: Engine,
  outputs: { readonly [name: string]: Tensor },
  given: { readonly [input: string]: readonly number[] },
): Executable {
  const executable = engine.compile({ outputs, effects: [] })
  for (const { operation, name } of made(...Object.values(outputs))) {
    if (operation === 'input') executable.input(name!).set(given[name!]!)
  }
  return executable
}
