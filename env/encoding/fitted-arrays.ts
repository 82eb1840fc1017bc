import { LifecycleError, StateError } from '../errors.js'
import type { Tensor } from '../policy.js'

/** Fitted arrays by name. */
export type Tensors = { readonly [name: string]: Tensor }

/** @throws LifecycleError when there is nothing yet */
export function fitted<T>(encoder: string, value: T | undefined): T {
  if (value === undefined)
    throw new LifecycleError(`encoder ${encoder}: used before fit or load; fit it on training rows`)
  return value
}

/**
 * The numbers of a tensor of one axis.
 * @param length - expected number of entries, where it is known
 * @throws StateError when it is absent, of another type or shape, or not finite
 */
export function vector<T extends Tensor['data']>(
  encoder: string,
  tensors: Tensors,
  name: string,
  type: abstract new (...args: never[]) => T,
  length?: number,
): T {
  const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined
  if (tensor === undefined) {
    throw new StateError(
      `encoder ${encoder}: array "${name}" is absent (there: ${Object.keys(tensors).join(', ') || 'none'})`,
    )
  }
  const { data, shape } = tensor
  const fits = shape.length === 1 && shape[0] === data.length && (length === undefined || length === data.length)
  if (!(data instanceof type) || !fits) {
    throw new StateError(
      `encoder ${encoder}: array "${name}": expected ${type.name} [${length ?? 'n'}], got ${data.constructor.name} [${shape}]`,
    )
  }
  if (!data.every(Number.isFinite)) throw new StateError(`encoder ${encoder}: array "${name}" holds NaN or infinity`)
  return data
}

/** A tensor of one axis, copied. */
export function tensorOf(data: Tensor['data']): Tensor {
  return { shape: [data.length], data: data.slice() }
}
