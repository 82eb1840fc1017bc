import type { ConstantNode, FunctionNode, MathNode, OperatorNode, SymbolNode } from 'mathjs'
import { ExpressionError, nearestName } from '../errors.js'

/** Functions an expression may call, all of plain numbers, and how many arguments each takes: fewest, most. */
const functions: ReadonlyMap<string, readonly [fewest: number, most: number]> = new Map<string, [number, number]>([
  ...'abs ceil cbrt cube exp expm1 floor log10 log1p log2 round sign sqrt square tanh'
    .split(' ')
    .map((name): [string, [number, number]] => [name, [1, 1]]),
  ['log', [1, 2]],
  ['pow', [2, 2]],
  ['max', [1, Number.POSITIVE_INFINITY]],
  ['min', [1, Number.POSITIVE_INFINITY]],
])

/** Kinds of nodes that stay within arithmetic; everything else (assignment, access, arrays, text) reaches further. */
const plainNodes = new Set(['ConditionalNode', 'ParenthesisNode', 'RelationalNode'])

/** Operators on numbers, by mathjs's function names. */
const operators = new Set(
  'add subtract multiply divide pow mod unaryMinus unaryPlus equal unequal smaller larger smallerEq largerEq and or xor not'.split(
    ' ',
  ),
)

/**
 * Refuses every node that isn't arithmetic over the given names.
 * @throws ExpressionError naming the offending part and what may be used
 */
export function checkNodes(root: MathNode, text: string, names: ReadonlySet<string>): void {
  const refuse = (part: string, why: string): never => {
    throw new ExpressionError(`expression "${text}": ${part} ${why} (names: ${[...names].join(', ')})`)
  }
  const visit = (node: MathNode): void => {
    if (node.type === 'ConstantNode') {
      const { value } = node as ConstantNode
      if (typeof value !== 'number' || !Number.isFinite(value)) refuse(`${node}`, 'is not a finite number')
    } else if (node.type === 'SymbolNode') {
      const { name } = node as SymbolNode
      if (!names.has(name)) {
        const near = nearestName(name, [...names])
        refuse(`"${name}"`, `is not a quantity${near === undefined ? '' : `; did you mean "${near}"?`}`)
      }
    } else if (node.type === 'OperatorNode') {
      if (!operators.has((node as OperatorNode).fn))
        refuse(`"${(node as OperatorNode).op}"`, 'is not an allowed operator')
      for (const child of (node as OperatorNode).args) visit(child)
    } else if (node.type === 'FunctionNode') {
      const call = node as FunctionNode
      const name = call.fn.type === 'SymbolNode' ? (call.fn as unknown as SymbolNode).name : ''
      const [fewest, most] =
        functions.get(name) ?? refuse(`"${call.fn}"`, `can't be called; functions: ${[...functions.keys()].join(', ')}`)
      if (call.args.length < fewest || call.args.length > most) {
        const upTo = most === fewest ? '' : most === Number.POSITIVE_INFINITY ? ' or more' : ` to ${most}`
        refuse(`"${name}"`, `can't be called with ${call.args.length} arguments, expected ${fewest}${upTo}`)
      }
      for (const child of call.args) visit(child)
    } else if (plainNodes.has(node.type)) {
      node.forEach(visit)
    } else {
      refuse(`"${node}"`, 'reaches outside arithmetic')
    }
  }
  visit(root)
}
