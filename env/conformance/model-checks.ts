import { toJointMdp } from '../mdp/enumerate.js'
import { Rng } from '../rng.js'
import { sampleMasked } from '../space.js'
import { type Check, fail } from './check.js'
import { DeclaredStart, declaredTime } from './declared-model.js'
import { endedAtLimit, withModel } from './model-visits.js'
import { type Frame, hasEnded, placeOf } from './recording.js'
import { firstDifference, presentViews } from './views.js'

/** Visited states of which further joint actions are tried, and how many of each. */
const TRIED_STATES = 300
const TRIED_ACTIONS = 8

/** Rows (states times joint actions) up to which all of a model is gone through. */
const WHOLE_MODEL = 50_000

/** What holds for environments that declare a finite model; the others pass. */
export const modelChecks: readonly Check[] = [
  {
    name: 'model-complete',
    promise: 'startStates, showState and transitions are declared together, with spec.numStates, or not at all',
    run: ({ make, spec }) => {
      const env = make()
      const methods = ['startStates', 'showState', 'transitions'] as const
      const present = methods.filter((method) => env[method] !== undefined)
      if (present.length === 0) return
      if (present.length < methods.length) {
        const missing = methods.filter((method) => !present.includes(method))
        fail(`${present.join(', ')} declared without ${missing.join(', ')}; a model needs all three`)
      }
      if (spec.numStates === 0) fail('a model is declared, but spec.numStates is 0; say how many states there are')
    },
  },
  {
    name: 'model-start',
    promise: 'start probabilities sum to 1 and cover every start that was simulated',
    run: withModel(({ env }, { recording, spec }) => {
      const start = new DeclaredStart(spec.numStates)
      env.startStates(start)
      const verdict = start.verdict()
      if (verdict !== undefined) fail(`startStates: ${verdict}`)
      for (const frame of recording) {
        if (frame.step > 0 || start.states.has(frame.slot.stateId[0]!)) continue
        fail(`${placeOf(frame)}: starts in state ${frame.slot.stateId[0]}, which startStates gives no probability`)
      }
    }),
  },
  {
    name: 'model-rows',
    promise:
      'transition probabilities of every state and joint action sum to 1, rewards and costs are finite, times positive (small models whole, larger ones sampled)',
    run: withModel(({ visits, rowOf }, { make, recording, layout, seed, spec }) => {
      const check = (state: number, actions: Int32Array) => {
        const verdict = rowOf(state, actions).verdict()
        if (verdict !== undefined)
          fail(`transitions of state ${state} under actions [${actions.join(', ')}]: ${verdict}`)
      }
      for (const { state, actions } of visits) check(state, actions)
      const rng = new Rng(`${seed}/tried`)
      for (const [state, frame] of distinctStates(recording, TRIED_STATES)) {
        if (hasEnded(frame)) continue
        for (let k = 0; k < TRIED_ACTIONS; k++) {
          const { numActions, actionsOf } = layout
          const draw = (n: number, i: number) => Math.max(0, sampleMasked(frame.slot.mask, i * numActions, n, rng))
          check(state, actionsOf.map(draw))
        }
      }
      // A small model is gone through whole, states that were never visited included.
      const jointActions = layout.actionsOf.reduce((product, n) => product * Math.max(1, n), 1)
      if (spec.numStates * jointActions > WHOLE_MODEL) return
      try {
        toJointMdp(make(), { observation: false, state: false })
      } catch (error) {
        fail((error as Error).message)
      }
    }),
  },
  {
    name: 'model-shows',
    promise: 'showState writes what reset and step wrote in that state',
    run: withModel(({ env, slot }, { recording, spec }) => {
      for (const [state, frame] of distinctStates(recording, Number.POSITIVE_INFINITY)) {
        env.showState(state)
        const views = hasEnded(frame) ? (['stateId'] as const) : presentViews
        const difference = firstDifference(spec, frame.slot, slot, views)
        if (difference === undefined) continue
        fail(`${placeOf(frame)} was in state ${state}; showState(${state}) differs: ${difference}`)
      }
    }),
  },
  {
    name: 'model-supports',
    promise: 'every simulated transition has a positive probability in the model',
    run: withModel(({ visits, rowOf }) => {
      for (const { frame, state, actions, next } of visits) {
        if (rowOf(state, actions).has(next)) continue
        const declared = rowOf(state, actions).states.slice(0, 8).join(', ') || 'none'
        fail(
          `${placeOf(frame)}: state ${state} under actions [${actions.join(', ')}] went to ${next}, which transitions gives no probability (it declares ${declared})`,
        )
      }
    }),
  },
  {
    name: 'model-elapsed',
    promise: 'every simulated step takes a time that the model gives a positive probability',
    run: withModel(({ visits, rowOf }) => {
      for (const { frame, state, actions, next, elapsed } of visits) {
        const declared = rowOf(state, actions).get(next)
        if (declared === undefined || declaredTime(declared, elapsed) !== undefined) continue
        fail(
          `${placeOf(frame)}: state ${state} under actions [${actions.join(', ')}] to ${next} took time ${elapsed}, which transitions gives no probability (it declares ${declared.times
            .slice(0, 8)
            .map(({ time }) => time)
            .join(', ')}); pass elapsed to add`,
        )
      }
    }),
  },
  {
    name: 'model-terminates',
    promise: 'episodes terminate where the model says, and nowhere else but at the step limit',
    run: withModel(({ visits, rowOf }, { spec }) => {
      for (const { frame, state, actions, next } of visits) {
        const declared = rowOf(state, actions).get(next)
        if (declared === undefined) continue
        const terminated = frame.slot.terminated[0] === 1
        if (terminated === declared.terminated || (terminated && endedAtLimit(frame, spec.limitSteps))) continue
        const [simulated, modelled] = terminated ? ['terminated', 'goes on'] : ['went on', 'terminates']
        fail(`${placeOf(frame)}: the episode ${simulated} in state ${next}, but the model ${modelled} there`)
      }
    }),
  },
]

/** One frame of each state visited, the first, in order. */
function distinctStates(recording: readonly Frame[], most: number): Map<number, Frame> {
  const found = new Map<number, Frame>()
  for (const frame of recording) {
    const state = frame.slot.stateId[0]!
    const known = found.get(state)
    // A frame of an episode that goes on says more than one of its end.
    if (known === undefined ? found.size < most : hasEnded(known) && !hasEnded(frame)) found.set(state, frame)
  }
  return found
}
