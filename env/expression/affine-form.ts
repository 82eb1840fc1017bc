import type { ConstantNode, MathNode, OperatorNode, ParenthesisNode, SymbolNode } from 'mathjs'

/** sum_k weights[k] * quantity_k + constant. */
export interface AffineForm {
  readonly weights: Float64Array
  readonly constant: number
}

/** The affine form of an expression tree, or undefined where it isn't affine in the quantities. */
export function affineForm(
  node: MathNode,
  names: readonly string[],
  constants: Readonly<Record<string, number>>,
): AffineForm | undefined {
  const visit = (part: MathNode): AffineForm | undefined => {
    if (part.type === 'ConstantNode') return constantForm(Number((part as ConstantNode).value), names.length)
    if (part.type === 'ParenthesisNode') return visit((part as ParenthesisNode).content)
    if (part.type === 'SymbolNode') return symbolForm((part as SymbolNode).name, names, constants)
    if (part.type !== 'OperatorNode') return undefined
    const { fn, args } = part as OperatorNode
    const forms = args.map(visit)
    if (forms.some((form) => form === undefined)) return undefined
    return combine(fn, forms as AffineForm[])
  }
  return visit(node)
}

function constantForm(constant: number, size: number): AffineForm {
  return { weights: new Float64Array(size), constant }
}

function symbolForm(name: string, names: readonly string[], constants: Readonly<Record<string, number>>): AffineForm {
  const index = names.indexOf(name)
  if (index < 0) return constantForm(constants[name]!, names.length)
  const form = constantForm(0, names.length)
  form.weights[index] = 1
  return form
}

function combine(operator: string, forms: readonly AffineForm[]): AffineForm | undefined {
  const [left, right] = forms as [AffineForm, AffineForm]
  if (operator === 'unaryMinus') return scale(left, -1)
  if (operator === 'unaryPlus') return left
  if (operator === 'add') return forms.reduce((sum, form) => add(sum, form))
  if (operator === 'subtract') return add(left, scale(right, -1))
  if (operator === 'multiply' && isConstant(left)) return scale(right, left.constant)
  if (operator === 'multiply' && isConstant(right)) return scale(left, right.constant)
  if (operator === 'divide' && isConstant(right)) return scale(left, 1 / right.constant)
  return undefined
}

function isConstant(form: AffineForm): boolean {
  return form.weights.every((weight) => weight === 0)
}

function scale(form: AffineForm, factor: number): AffineForm {
  return { weights: form.weights.map((weight) => weight * factor), constant: form.constant * factor }
}

function add(a: AffineForm, b: AffineForm): AffineForm {
  return { weights: a.weights.map((weight, k) => weight + b.weights[k]!), constant: a.constant + b.constant }
}
