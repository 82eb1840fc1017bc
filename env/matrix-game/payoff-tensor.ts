/** Payoffs as nested lists, one level an agent: tensor[a0][a1]... is paid when agent i plays ai. */
export type PayoffTensor = readonly (number | PayoffTensor)[]

/** A tensor flattened, the last agent's action fastest; `shape[i]` is the number of actions of agent i. */
export interface FlatTensor {
  readonly shape: readonly number[]
  readonly values: readonly number[]
}

/** A place in nested lists, and what is wrong there. */
export interface TensorProblem {
  readonly path: readonly number[]
  readonly message: string
}

/** The shape that the first entries of every level have. */
function shapeOf(tensor: unknown): number[] {
  return Array.isArray(tensor) ? [tensor.length, ...shapeOf(tensor[0])] : []
}

/** Every place where nested lists aren't a tensor of finite numbers; empty when they are one. */
export function tensorProblems(tensor: unknown): TensorProblem[] {
  const shape = shapeOf(tensor)
  const problems: TensorProblem[] = []
  const visit = (node: unknown, path: number[]) => {
    const expected = shape[path.length]
    if (Array.isArray(node)) {
      if (node.length === 0) {
        problems.push({ path, message: 'an empty list; every agent needs an action' })
      } else if (expected === undefined) {
        problems.push({ path, message: 'a list where the entries before are numbers; nest all lists equally deep' })
      } else if (node.length !== expected) {
        const message = `ragged payoffs: ${node.length} entries, expected ${expected} as in the lists before; pad or cut it`
        problems.push({ path, message })
      } else {
        for (const [i, child] of node.entries()) visit(child, [...path, i])
      }
    } else if (typeof node !== 'number' || !Number.isFinite(node)) {
      problems.push({ path, message: `expected a finite number, got ${String(node)}` })
    } else if (expected !== undefined) {
      problems.push({ path, message: `a number where the entries before are lists; nest all lists equally deep` })
    }
  }
  visit(tensor, [])
  return problems
}

/** Flattens a tensor that has no problems. */
export function flattenTensor(tensor: PayoffTensor): FlatTensor {
  return { shape: shapeOf(tensor), values: leaves(tensor) }
}

function leaves(node: number | PayoffTensor): number[] {
  return Array.isArray(node) ? node.flatMap(leaves) : [node as number]
}
