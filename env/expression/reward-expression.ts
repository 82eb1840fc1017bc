import { createRequire } from 'node:module'
import type { MathNode } from 'mathjs'
import { ExpressionError } from '../errors.js'
import { affineForm } from './affine-form.js'
import { checkNodes } from './expression-nodes.js'

/** A compiled expression: the value for a row of quantities. Allocates nothing when the expression is affine. */
export type CompiledExpression = (quantities: Float64Array) => number

interface MathModule {
  parse(text: string): MathNode
}

let math: MathModule | undefined

/** Longer texts are refused: the tree they make is walked by recursion. */
const MAX_LENGTH = 2000

/** mathjs costs 150 ms to load: only who compiles an expression pays, once. */
function loadMath(): MathModule {
  math ??= createRequire(import.meta.url)('mathjs/number') as MathModule
  return math
}

/**
 * Compiles an arithmetic expression over named quantities and constants. Parsed by mathjs; anything but arithmetic,
 * comparison, logic, conditionals and a list of plain functions is refused, so that nothing outside the names given
 * can be reached. An affine expression (a weighted sum, the usual case) becomes a dot product; any other is mathjs's
 * own compiled form. As in mathjs, `==` holds within a relative tolerance of 1e-12.
 * @param names - of the quantities, in the order of the row passed later
 * @param constants - further names, with fixed values
 * @throws ExpressionError with the place and the names that can be used
 */
export function compileExpression(
  text: string,
  names: readonly string[],
  constants: Readonly<Record<string, number>> = {},
): CompiledExpression {
  if (text.length > MAX_LENGTH) {
    throw new ExpressionError(
      `expression "${text.slice(0, 40)}...": expected at most ${MAX_LENGTH} characters, got ${text.length}; write an environment for more`,
    )
  }
  const node = parse(text)
  checkNodes(node, text, new Set([...names, ...Object.keys(constants)]))
  const affine = affineForm(node, names, constants)
  if (affine !== undefined) {
    if (![affine.constant, ...affine.weights].every(Number.isFinite)) {
      throw new ExpressionError(`expression "${text}": a weight isn't a finite number; check for a division by 0`)
    }
    return dotProduct(affine.weights, affine.constant)
  }
  const compiled = node.compile()
  const scope: Record<string, number> = { ...constants }
  return (quantities) => {
    for (let k = 0; k < names.length; k++) scope[names[k]!] = quantities[k]!
    return Number(compiled.evaluate(scope))
  }
}

/**
 * Whether an expression is a weighted sum of quantities, without a constant: then its value for the sum of two rows is that of one
 * and that of the other.
 * @throws ExpressionError as `compileExpression`
 */
export function isWeightedSum(
  text: string,
  names: readonly string[],
  constants: Readonly<Record<string, number>> = {},
): boolean {
  const node = parse(text)
  checkNodes(node, text, new Set([...names, ...Object.keys(constants)]))
  return affineForm(node, names, constants)?.constant === 0
}

/**
 * The quantities that an expression's value may depend on: of an affine one those of weight other than 0, of any other all
 * that it names.
 * @throws ExpressionError as `compileExpression`
 */
export function quantitiesRead(
  text: string,
  names: readonly string[],
  constants: Readonly<Record<string, number>> = {},
): ReadonlySet<string> {
  const node = parse(text)
  checkNodes(node, text, new Set([...names, ...Object.keys(constants)]))
  const affine = affineForm(node, names, constants)
  if (affine !== undefined) return new Set(names.filter((_, k) => affine.weights[k] !== 0))
  const named = new Set<string>()
  node.traverse((part) => {
    if ('name' in part && typeof part.name === 'string') named.add(part.name)
  })
  return new Set(names.filter((name) => named.has(name)))
}

function parse(text: string): MathNode {
  try {
    return loadMath().parse(text)
  } catch (error) {
    throw new ExpressionError(`expression "${text}": ${(error as Error).message}`)
  }
}

/** Skips quantities of weight 0: expressions use some of the quantities, steps compute it millions of times a second. */
export function dotProduct(weights: Float64Array, constant: number): CompiledExpression {
  const used = Int32Array.from(weights.keys()).filter((k) => weights[k] !== 0)
  const packed = Float64Array.from(used, (k) => weights[k]!)
  return (quantities) => {
    let sum = constant
    for (let j = 0; j < used.length; j++) sum += packed[j]! * quantities[used[j]!]!
    return sum
  }
}
