import type { Plan, PlanOptions } from '#algorithms/planning/planner.js'
import type { TensorBackendName } from '#algorithms/tensor/backend.js'
import { UsageError } from '#env/errors.js'
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'

/** The names of `--form`. */
export const forms = ['arrays', 'tensors'] as const

export interface FormOptions {
  readonly form: (typeof forms)[number]
  /** Only with tensors; default auto. */
  readonly backend?: TensorBackendName | 'auto'
}

/** Where a problem was solved. */
export interface Form {
  readonly form: (typeof forms)[number]
  /** The tensor backend; null where it was solved on arrays. */
  readonly backend: TensorBackendName | null
}

interface Asked extends FormOptions {
  readonly method: string
  readonly horizon?: number
  readonly average?: true
}

/** @throws UsageError for options that don't go together */
export function checkForm({ form, backend, method, horizon, average }: Asked): void {
  if (form === 'arrays') {
    if (backend === undefined) return
    throw new UsageError('cadre solve: --backend is of tensors; add --form tensors, or leave it out')
  }
  if (horizon !== undefined || average === true) {
    throw new UsageError('cadre solve: --form tensors solves discounted sums; leave out --horizon and --average')
  }
  if (method !== 'auto' && method !== 'value-iteration') {
    throw new UsageError(
      `cadre solve: --form tensors has one method, value-iteration, not ${method}; leave out --method or --form`,
    )
  }
}

/** Plans by value iteration on tensors; a method that was left open is explained. */
export async function planOnTensors(
  model: TabularMdp,
  options: PlanOptions,
  { method, backend = 'auto' }: Asked,
): Promise<{ plan: Plan; form: Form }> {
  const { openBackend } = await import('#algorithms/tensor/backend.js')
  const { tensorValueIteration } = await import('#algorithms/tensor/tensor-value-iteration.js')
  const opened = await openBackend(backend)
  const plan = await tensorValueIteration(opened).plan(model, options)
  const reason = 'tensors were asked for: the one method that has them'
  return {
    plan: method === 'auto' ? { ...plan, reason } : plan,
    form: { form: 'tensors', backend: opened.name },
  }
}
