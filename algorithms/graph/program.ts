import type { Tensor } from './tensor.js'

/** Puts a value into a variable. */
export interface Assign {
  readonly kind: 'assign'
  readonly variable: Tensor
  readonly value: Tensor
}

/**
 * A step of Adam (Kingma and Ba 2015, algorithm 1, with the bias corrections as given) on one parameter, in one pass:
 * m = b1 m + (1 - b1) s g, v = b2 v + (1 - b2) (s g)^2, x -= rate (m / c1) / (sqrt(v / c2) + epsilon) + rate decay x.
 */
export interface AdamStep {
  readonly kind: 'adam'
  readonly variable: Tensor
  readonly gradient: Tensor
  /** Variables of the parameter's shape. */
  readonly first: Tensor
  readonly second: Tensor
  /** f32 []: what the gradient is multiplied by, such as a clip; the rate; 1 - b1^t and 1 - b2^t. */
  readonly scale: Tensor
  readonly rate: Tensor
  readonly correction1: Tensor
  readonly correction2: Tensor
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  /** Decoupled (Loshchilov and Hutter 2019); 0: none. */
  readonly decay: number
}

/** What a run does beside computing. All values are those before any effect of the run. */
export type Effect = Assign | AdamStep

/** What a run computes, and what it changes. */
export interface Program {
  readonly outputs: { readonly [name: string]: Tensor }
  readonly effects: readonly Effect[]
}

/** Nodes whose values an effect reads. */
export function readBy(effect: Effect): readonly Tensor[] {
  if (effect.kind === 'assign') return [effect.value]
  const { gradient, scale, rate, correction1, correction2 } = effect
  return [gradient, scale, rate, correction1, correction2]
}

/** Variables that an effect changes. */
export function writtenBy(effect: Effect): readonly Tensor[] {
  return effect.kind === 'assign' ? [effect.variable] : [effect.variable, effect.first, effect.second]
}
