import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import type { PolicySetting } from '../../bundles/policy-for.js'
import type { PerState } from './solution.js'

/** An environment's model, and how answers go back to the environment's own state numbers. */
export interface Problem {
  readonly model: JointMdp
  readonly setting: PolicySetting
  readonly spread: (values: ArrayLike<number>) => PerState
  /** The counts, and the seconds since the model was begun. */
  readonly counts: () => { states: number; actions: number; seconds: number }
}

/** @param seen - whether policies look at it: only they see observations */
export async function readModel(setting: PolicySetting, seen: boolean): Promise<Problem> {
  const { toJointMdp } = await import('#env/mdp/enumerate.js')
  const began = performance.now()
  const env = setting.entry.create(setting.config)
  const { numStates } = env.spec
  const model = toJointMdp(env, { observation: seen, state: seen })
  const spread = (values: ArrayLike<number>) => {
    const out = new Array<number | null>(numStates).fill(null)
    for (let s = 0; s < model.numStates; s++) out[model.stateIds[s]!] = values[s]!
    return out
  }
  const counts = () => ({
    states: model.numStates,
    actions: model.numActions,
    seconds: (performance.now() - began) / 1000,
  })
  return { model, setting, spread, counts }
}
