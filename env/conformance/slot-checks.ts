import type { EnvSpec, Layout } from '../spec.js'
import { type Check, fail } from './check.js'
import { type Frame, hasEnded, placeOf } from './recording.js'
import { describePlace, firstDifference, type ViewName } from './views.js'

/** Room for what rounding to 32 bits may add to a bound. */
const BOUND_TOLERANCE = 1e-6

/** What every slot must hold after a reset or step. */
export const slotChecks: readonly Check[] = [
  {
    name: 'observation-bounds',
    promise: 'observations are finite, lie within their box, and are 0 past their size',
    run: ({ recording, spec, layout }) => {
      for (const frame of recording) {
        frame.slot.observation.forEach((value, i) => {
          const { size, low, high } = spec.agents[Math.floor(i / layout.observationSize)]!.observation
          const where = () => `${placeOf(frame)}: ${describePlace(spec, 'observation', i)}`
          if (i % layout.observationSize >= size) {
            if (value !== 0) fail(`${where()} is ${value} past the agent's ${size} numbers; leave the unused tail 0`)
            return
          }
          if (!Number.isFinite(value)) fail(`${where()} is ${value}; an observation must be finite`)
          const slack = BOUND_TOLERANCE * Math.max(1, Math.abs(value))
          if (value < low - slack || value > high + slack) {
            fail(`${where()} is ${value}, outside [${low}, ${high}]; widen the box or fix the value`)
          }
        })
      }
    },
  },
  {
    name: 'mask',
    promise:
      'masks are 0 or 1, agents have a legal action as long as they act, and nothing is legal past its own actions',
    run: ({ recording, spec, layout }) => {
      for (const frame of recording) checkMask(frame, spec, layout)
    },
  },
  {
    name: 'reward-finite',
    promise: 'rewards are finite numbers',
    run: ({ recording, spec }) => checkFinite(recording, spec, 'reward', 'a reward'),
  },
  {
    name: 'quantities-finite',
    promise: 'quantities are finite numbers',
    run: ({ recording, spec }) => checkFinite(recording, spec, 'quantities', 'a quantity'),
  },
  {
    name: 'state-finite',
    promise: 'the global state is finite',
    run: ({ recording, spec }) => checkFinite(recording, spec, 'state', 'the global state'),
  },
  {
    name: 'elapsed',
    promise: 'every step takes a positive, finite time (0 only where the environment says that steps may be instant)',
    run: ({ recording, spec }) => {
      for (const frame of recording) {
        const elapsed = frame.slot.elapsed[0]!
        const allowed = elapsed > 0 || (elapsed === 0 && spec.instantSteps === true)
        if (frame.step > 0 && !(allowed && elapsed < Number.POSITIVE_INFINITY)) {
          fail(`${placeOf(frame)}: elapsed is ${elapsed}; write a positive time (1 unless events have durations)`)
        }
      }
    },
  },
  {
    name: 'ids-in-range',
    promise:
      'numbers of states, and of what agents that act observe, lie in their range, or are -1 where the spec has none',
    run: ({ recording, spec }) => {
      const check = (where: string, id: number, count: number, key: string) => {
        if (count === 0 ? id === -1 : id >= 0 && id < count) return
        const expected = count === 0 ? `-1, as ${key} is 0` : `0..${count - 1} (${key} is ${count})`
        fail(`${where} is ${id}, expected ${expected}`)
      }
      for (const frame of recording) {
        check(`${placeOf(frame)}: stateId`, frame.slot.stateId[0]!, spec.numStates, 'spec.numStates')
        spec.agents.forEach(({ numObservations }, i) => {
          // Nobody reads the number of an agent that is away.
          if (frame.slot.alive[i] === 0) return
          const where = `${placeOf(frame)}: ${describePlace(spec, 'observationId', i)}`
          check(where, frame.slot.observationId[i]!, numObservations, `spec.agents[${i}].numObservations`)
        })
      }
    },
  },
  {
    name: 'feature-rows',
    promise: 'agents see a row of the features, or -1 where they have none',
    run: ({ make, recording, spec }) => {
      const rows = make().features?.rows ?? 0
      for (const frame of recording) {
        spec.agents.forEach(({ numFeatures = 0 }, i) => {
          const row = frame.slot.featureRow[i]!
          if (row === -1 || (numFeatures > 0 && row >= 0 && row < rows)) return
          const expected = numFeatures > 0 ? `-1..${rows - 1}` : '-1, as the agent has no features'
          fail(`${placeOf(frame)}: ${describePlace(spec, 'featureRow', i)} is ${row}, expected ${expected}`)
        })
      }
    },
  },
  {
    name: 'ids-consistent',
    promise: 'the same number stands for the same observation or state every time',
    run: ({ recording, spec, layout }) => {
      const width = layout.observationSize
      const known = new Map<string, { frame: Frame; values: Float32Array }>()
      const check = (kind: string, id: number, frame: Frame, values: Float32Array) => {
        if (id < 0) return
        const before = known.get(`${kind} ${id}`)
        if (before === undefined) known.set(`${kind} ${id}`, { frame, values })
        else {
          const k = values.findIndex((value, i) => value !== before.values[i])
          if (k < 0) return
          const [first, second] = [before.values[k], values[k]]
          fail(
            `${kind} ${id} has ${first} at place ${k} (${placeOf(before.frame)}) and ${second} (${placeOf(frame)}); one number must stand for one observation`,
          )
        }
      }
      for (const frame of recording) {
        check('stateId', frame.slot.stateId[0]!, frame, frame.slot.state)
        spec.agents.forEach(({ name }, i) => {
          if (frame.slot.alive[i] === 0) return
          const values = frame.slot.observation.subarray(i * width, (i + 1) * width)
          check(`observationId of agent "${name}":`, frame.slot.observationId[i]!, frame, values)
        })
      }
    },
  },
  // Planners and learners by state take the mask of a state from its number.
  {
    name: 'state-masks',
    promise: 'the same state number has the same legal actions every time',
    run: ({ recording, spec }) => {
      const known = new Map<number, Frame>()
      for (const frame of recording) {
        const id = frame.slot.stateId[0]!
        // After termination nobody acts: masks are what they happen to be. After truncation learners still value what is legal.
        if (id < 0 || frame.slot.terminated[0] !== 0) continue
        const before = known.get(id)
        if (before === undefined) known.set(id, frame)
        else {
          const difference = firstDifference(spec, before.slot, frame.slot, ['mask'])
          if (difference === undefined) continue
          fail(
            `stateId ${id} stands for different masks: ${difference} (${placeOf(before)} and ${placeOf(frame)}); give states with different legal actions different numbers, or number none (spec.numStates 0)`,
          )
        }
      }
    },
  },
]

function checkMask(frame: Frame, spec: EnvSpec, { heads, numActions: width, actionsOf }: Layout): void {
  const { mask, alive } = frame.slot
  mask.forEach((value, i) => {
    const where = () => `${placeOf(frame)}: ${describePlace(spec, 'mask', i)}`
    const own = actionsOf[Math.floor(i / width)]!
    if (value > 1) fail(`${where()} is ${value}, expected 0 or 1`)
    if (value === 1 && i % width >= own)
      fail(`${where()} is 1, but the agent has only ${own} actions; leave the tail 0`)
  })
  if (hasEnded(frame)) return
  actionsOf.forEach((actions, c) => {
    if (actions === 0) return
    const i = Math.floor(c / heads)
    const { name } = spec.agents[i]!
    if (alive[i] === 0) {
      if (!mask.subarray(c * width, (c + 1) * width).includes(1)) return
      fail(`${placeOf(frame)}: agent "${name}" acts no more but has a legal action; clear its mask`)
    }
    if (mask.subarray(c * width, (c + 1) * width).includes(1)) return
    fail(`${placeOf(frame)}: agent "${name}" acts but has no legal action; leave one legal, such as doing nothing`)
  })
}

function checkFinite(recording: readonly Frame[], spec: EnvSpec, view: ViewName, what: string): void {
  for (const frame of recording) {
    frame.slot[view].forEach((value, i) => {
      if (Number.isFinite(value)) return
      fail(`${placeOf(frame)}: ${describePlace(spec, view, i)} is ${value}; ${what} must be a finite number`)
    })
  }
}
