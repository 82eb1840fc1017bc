import { describe, expect, it } from 'vitest'
import type { Env, EnvState } from '../env.js'
import { environments } from '../environments.js'
import type { FactoredModel } from '../mdp/factored-model.js'
import type { StartSink, TransitionSink } from '../mdp/transition-sink.js'
import { Rng } from '../rng.js'
import type { Slot } from '../slot.js'
import { box, discrete } from '../space.js'
import { ContraryTeam } from '../testing/contrary-team.js'
import { envConformance } from '../testing/env-conformance.js'
import { LeavingTeam } from '../testing/leaving-team.js'
import { LockedDoor } from '../testing/locked-door.js'
import { checkEnv, envCheckNames } from './check-env.js'

describe('locked-door, which the broken ones are made from', () => {
  envConformance(() => new LockedDoor())
})

describe('a door that ends at its limit, where masks mean nothing any more', () => {
  envConformance(
    () =>
      new (class extends LockedDoor {
        protected override write() {
          super.write()
          if (this.slot.truncated[0] === 0) return
          this.slot.truncated[0] = 0
          this.slot.terminated[0] = 1
          this.slot.mask.fill(0)
        }
      })(),
  )
})

describe('a door with durations by chance and a cost', () => {
  envConformance(() => new TimedDoor())
})

const lockedDoorSpec = new LockedDoor().spec

/** Something outside the seed, as Math.random would be. */
let outside = 0

/** A slot whose every write goes somewhere else too. */
let kept: Int32Array | undefined

/** Each breaks one promise: [what, check that must fail, what its message must say, environment]. */
const broken: readonly (readonly [what: string, check: string, message: RegExp, make: () => Env])[] = [
  ['no environment', 'makes', /got null instead of an environment/, () => null as unknown as Env],
  [
    'a missing method',
    'makes',
    /no method saveState; extend Env/,
    () => Object.assign(new LockedDoor(), { saveState: undefined }),
  ],
  [
    'a shared instance',
    'makes',
    /two calls gave the same/,
    (
      (one) => () =>
        one
    )(new LockedDoor()),
  ],
  [
    'a constructor that throws',
    'makes',
    /threw Error: no keys left/,
    () => {
      throw new Error('no keys left')
    },
  ],
  ['no version', 'spec-identity', /spec\.version is ""/, () => withSpec({ version: '' })],
  [
    'two agents of one name',
    'spec-agents',
    /agent names must differ/,
    () => withSpec({ agents: [walker(), walker()] }),
  ],
  [
    'a continuous action',
    'spec-agents',
    /spec\.agents\[0\]\.action is .*box.*expected discrete/,
    () => withSpec({ agents: [{ ...walker(), action: box(1) }] }),
  ],
  [
    'an open that is no yes or no',
    'spec-open',
    /spec\.open is "sometimes"; give true/,
    () => withSpec({ open: 'sometimes' }),
  ],
  ['a limit of 0', 'spec-sizes', /limitSteps is 0/, () => withSpec({ limitSteps: 0 })],
  [
    'a quantity listed twice',
    'spec-quantities',
    /"keys" is listed twice/,
    () => withSpec({ quantities: [keys, keys] }),
  ],
  [
    'a column without its quantity',
    'spec-quantities',
    /columns names "price"/,
    () => withSpec({ columns: { cost: 'price' } }),
  ],
  [
    'features that are not there',
    'spec-features',
    /numFeatures is 7, the environment's features have 0 columns/,
    () => withSpec({ agents: [{ ...walker(), numFeatures: 7 }] }),
  ],
  [
    'a feature row of an agent without features',
    'feature-rows',
    /featureRow of agent "walker" is 2, expected -1/,
    () =>
      writing((slot) => {
        slot.featureRow[0] = 2
      }),
  ],
  [
    'an unknown aggregate',
    'spec-score',
    /aggregate is "sum"/,
    () => withSpec({ score: { aggregate: 'sum', over: 'episode' } }),
  ],
  [
    'a step that throws',
    'plays',
    /threw Error: stuck/,
    () =>
      new (class extends LockedDoor {
        override step() {
          throw new Error('stuck')
        }
      })(),
  ],
  [
    'an observation outside its box',
    'observation-bounds',
    /observation\[0\] of agent "walker" is 1, outside \[0, 0\.5\]/,
    () => withSpec({ agents: [{ ...walker(), observation: box(1, 0, 0.5) }] }),
  ],
  [
    'a NaN observation',
    'observation-bounds',
    /is NaN; an observation must be finite/,
    () =>
      writing((slot) => {
        slot.observation[0] = Number.NaN
      }),
  ],
  [
    'no legal action',
    'mask',
    /agent "walker" acts but has no legal action/,
    () =>
      writing((slot, state) => {
        if (state === 1) slot.mask.fill(0)
      }),
  ],
  [
    'a mask of 2',
    'mask',
    /mask of action 0 of agent "walker" is 2, expected 0 or 1/,
    () =>
      writing((slot) => {
        slot.mask[0] = 2
      }),
  ],
  [
    'a NaN reward',
    'reward-finite',
    /episode 0, step \d+: reward of agent "walker" is NaN; a reward must be a finite number/,
    () =>
      stepping((slot) => {
        slot.reward[0] = Number.NaN
      }),
  ],
  [
    'an infinite quantity',
    'quantities-finite',
    /quantity "keys" is Infinity/,
    () =>
      stepping((slot) => {
        slot.quantities[0] = Number.POSITIVE_INFINITY
      }),
  ],
  [
    'an infinite state',
    'state-finite',
    /state\[0\] is -Infinity/,
    () =>
      writing((slot) => {
        slot.state[0] = Number.NEGATIVE_INFINITY
      }),
  ],
  [
    'a step that takes no time',
    'elapsed',
    /elapsed is 0; write a positive time/,
    () =>
      stepping((slot) => {
        slot.elapsed[0] = 0
      }),
  ],
  [
    'too small a number of observations',
    'ids-in-range',
    /observationId of agent "walker" is 2, expected 0\.\.1/,
    () => withSpec({ agents: [{ ...walker(), numObservations: 2 }] }),
  ],
  [
    'one number for two observations',
    'ids-consistent',
    /observationId of agent "walker": 0 has 0 .* and 1/,
    () =>
      writing((slot) => {
        slot.observationId[0] = 0
      }),
  ],
  [
    'a reset that leaves the reward',
    'reset-clears',
    /reward of agent "walker" is 1; reset must set it to 0/,
    () =>
      new (class extends LockedDoor {
        override reset(rng: Rng) {
          const reward = this.slot.reward[0]!
          super.reset(rng)
          this.slot.reward[0] = reward
        }
      })(),
  ],
  [
    'a reset that leaves the end',
    'reset-clears',
    /terminated is 1; reset must set it to 0/,
    () =>
      new (class extends LockedDoor {
        override reset(rng: Rng) {
          const terminated = this.slot.terminated[0]!
          super.reset(rng)
          this.slot.terminated[0] = terminated
        }
      })(),
  ],
  [
    'both end flags',
    'end-flags',
    /both set/,
    () =>
      writing((slot, state) => {
        if (state === 2) slot.truncated[0] = 1
      }),
  ],
  ['an episode past its limit', 'step-limit', /goes on, but spec\.limitSteps is 3/, () => withSpec({ limitSteps: 3 })],
  [
    'an agent that comes back',
    'alive',
    /nobody acts|is 1 again/,
    () =>
      writing((slot, state) => {
        slot.alive[0] = state === 1 ? 0 : 1
      }),
  ],
  [
    'an agent that has left and may act',
    'mask',
    /acts no more but has a legal action; clear its mask/,
    () =>
      writing((slot, state) => {
        slot.alive[0] = state === 1 ? 0 : 1
      }),
  ],
  [
    'chance from outside the seed',
    'same-seed',
    /a second run from the same seed differs: episode/,
    () =>
      stepping((slot) => {
        slot.reward[0] = outside++ % 97
      }),
  ],
  [
    'memory of earlier episodes',
    'reset-forgets',
    /after other episodes/,
    () => {
      let steps = 0
      return stepping((slot) => {
        slot.quantities[0] = steps++
      })
    },
  ],
  [
    'a second bind that is ignored',
    'rebind',
    /after a second bind/,
    () =>
      new (class extends LockedDoor {
        override bind(slot: Slot) {
          if (this.slot === undefined) super.bind(slot)
        }
      })(),
  ],
  [
    'writing past the slot',
    'own-slot',
    /reward of agent "walker" of a neighbouring environment was overwritten/,
    () =>
      stepping((slot) => {
        new Float64Array(slot.reward.buffer).fill(slot.reward[0]!)
      }),
  ],
  [
    'changing the actions',
    'actions-array',
    /step wrote 0 to actions\[0\]/,
    () =>
      new (class extends LockedDoor {
        override step(actions: Int32Array) {
          super.step(actions)
          actions[0] = 0
        }
      })(),
  ],
  [
    'keeping the actions',
    'actions-array',
    /overwriting the actions after a step changes what follows/,
    () =>
      new (class extends LockedDoor {
        override step(actions: Int32Array) {
          super.step(actions)
          this.slot.quantities[0] = kept?.[0] ?? 0
          kept = actions
        }
        override reset(rng: Rng) {
          super.reset(rng)
          kept = undefined
        }
      })(),
  ],
  [
    'needing the observation',
    'narrow-slot',
    /bound to a slot without vectors, .*mask/,
    () =>
      writing((slot) => {
        if (slot.observation.length === 0) slot.mask[1] = 0
      }),
  ],
  [
    'typed arrays in the saved state',
    'save-json',
    /state\.rng is a Float64Array, which JSON changes/,
    () => saving((door) => ({ ...door, rng: Float64Array.from(door.rng as number[]) as unknown as number[] })),
  ],
  [
    'a generator that is not saved',
    'save-continues',
    /differs: .*; save everything/,
    () => saving((door) => ({ ...door, rng: new Rng('lost').saveState() })),
  ],
  [
    'a state kept in the instance',
    'save-moves',
    /another instance/,
    () =>
      new (class extends LockedDoor {
        readonly mine = new Map<string, EnvState>()
        override saveState() {
          const state = super.saveState()
          this.mine.set(JSON.stringify(state), state)
          return state
        }
        override loadState(state: EnvState) {
          const own = this.mine.has(JSON.stringify(state))
          super.loadState(own ? state : { ...state, rng: new Rng('lost').saveState() })
        }
      })(),
  ],
  [
    'a state number that stands for two masks',
    'state-masks',
    /stateId 0 stands for different masks: the mask of action 1 of agent "walker" is 0, expected 1 \(.*number none/,
    () =>
      new (class extends LockedDoor {
        protected override write() {
          super.write()
          this.slot.mask[1] = this.stepsTaken % 2 === 0 ? 1 : 0
        }
      })(),
  ],
  [
    'a mask that is cleared where an episode is cut off',
    'state-masks',
    /stateId \d stands for different masks/,
    () =>
      new (class extends LockedDoor {
        protected override write() {
          super.write()
          if (this.slot.truncated[0] === 1) this.slot.mask.fill(0)
        }
      })(),
  ],
  [
    'half a model',
    'model-complete',
    /startStates, transitions declared without showState/,
    () => Object.assign(new LockedDoor(), { showState: undefined }),
  ],
  [
    'a start that never comes',
    'model-start',
    /starts in state 0, which startStates gives no probability/,
    () =>
      new (class extends LockedDoor {
        override startStates(sink: StartSink) {
          sink.add(1, 1)
        }
      })(),
  ],
  [
    'probabilities that do not sum to 1',
    'model-rows',
    /transitions of state 0 under actions \[1\]: probabilities sum to 0\.9, expected 1/,
    () => modelled((_, action, sink) => action === 1 && sink.add(1, 0.9, [-0.05], false)),
  ],
  [
    'a successor out of range',
    'model-rows',
    /successor 3 lies outside 0\.\.2/,
    () => modelled((_, action, sink) => action === 1 && sink.add(3, 1, [-0.05], false)),
  ],
  [
    'a reward that is not finite',
    'model-rows',
    /rewards \[NaN\] aren't finite/,
    () => modelled((_, action, sink) => action === 1 && sink.add(1, 1, [Number.NaN], false)),
  ],
  [
    'showState that shows another mask',
    'model-shows',
    /showState\(1\) differs: the mask of action 2/,
    () =>
      new (class extends LockedDoor {
        override showState(state: number) {
          super.showState(state)
          this.slot.mask[2] = 0
        }
      })(),
  ],
  [
    'a transition the model rules out',
    'model-supports',
    /state 1 under actions \[0\] went to 0, which transitions gives no probability \(it declares 1\)/,
    () => modelled((state, action, sink) => action === 0 && sink.add(state, 1, [-0.05], false)),
  ],
  [
    'an end that the model does not have',
    'model-terminates',
    /the episode terminated in state 2, but the model goes on there/,
    () => modelled((_, action, sink) => action === 2 && sink.add(2, 1, [1], false)),
  ],
  [
    'other probabilities in factors',
    'model-factored',
    /state 1 under actions \[0\] goes to 1 with probability 0\.5 in factors, transitions says 0\.75/,
    () => inFactors({ keeps: 0.5 }),
  ],
  [
    'a successor that only the factors have',
    'model-factored',
    /state 1 under actions \[1\] goes to 0 with probability 0\.1 in factors, transitions says 0/,
    () => inFactors({ loses: 0.1 }),
  ],
  [
    'other rewards in factors',
    'model-factored',
    /state 0 under actions \[\d\] earns 0 in factors, -0\.05 by transitions/,
    () => inFactors({ earns: 0 }),
  ],
  [
    'other probabilities',
    'model-frequencies',
    /state 1 under actions \[0\]: successor \d came \d+ times in \d+, expected/,
    () =>
      modelled((state, action, sink) => {
        if (action !== 0) return false
        sink.add(state, 0.6, [-0.05], false)
        sink.add(0, 0.4, [-0.05], false)
        return true
      }),
  ],
  [
    'another reward where chance pays',
    'model-rewards',
    /reward of agent "walker" was -0\.0\d+ on average of \d+, the model expects 0\.1/,
    () => modelled((_, action, sink) => action === 1 && sink.add(1, 1, [0.1], false)),
  ],
  [
    'another reward where nothing is left to chance',
    'model-rewards',
    /was 1, the model expects 1\.001/,
    () =>
      new (class extends LockedDoor {
        override step(actions: Int32Array) {
          super.step(actions)
          this.slot.reward[0] = actions[0] === 2 ? 1 : 0
        }
        override transitions(state: number, actions: Int32Array, sink: TransitionSink) {
          const rewards = [actions[0] === 2 ? 1.001 : 0]
          super.transitions(state, actions, {
            add: (next, probability, _, terminated) => sink.add(next, probability, rewards, terminated),
          })
        }
      })(),
  ],
  [
    'one reward for two agents',
    'model-rows',
    /expected 2 rewards in an array \(one an agent\), got 1/,
    () => team((guest, host) => [guest + host]),
  ],
  [
    'rewards handed to the wrong agents',
    'model-rewards',
    /the reward of agent "guest" was 3, the model expects \d/,
    () => team((guest, host) => [host, guest]),
  ],
  [
    'a duration that the model leaves out',
    'model-elapsed',
    /to 2 took time 5, which transitions gives no probability \(it declares 1\); pass elapsed to add/,
    () => slowDoor((action) => (action === 2 ? 5 : 1)),
  ],
  [
    'a duration of nothing',
    'model-rows',
    /elapsed 0 isn't a positive, finite time/,
    () => modelled((_, action, sink) => action === 1 && sink.add(1, 1, [-0.05], false, 0)),
  ],
  [
    'times that come more often than declared',
    'model-frequencies',
    /successor 1 in time \d came \d+ times in \d+, expected/,
    () =>
      new (class extends LockedDoor {
        override step(actions: Int32Array) {
          super.step(actions)
          this.slot.elapsed[0] = actions[0] === 1 && this.rng.uniform() < 0.2 ? 3 : 1
        }
        override transitions(state: number, actions: Int32Array, sink: TransitionSink) {
          if (actions[0] !== 1) super.transitions(state, actions, sink)
          else for (const time of [1, 3]) sink.add(1, 0.5, [-0.05], false, time)
        }
      })(),
  ],
  [
    'a cost that the model gets wrong',
    'model-costs',
    /quantity "keys" was 1, the model expects 0\.5/,
    () => costed((next) => [next === 1 ? 0.5 : 0]),
  ],
  [
    'a cost that the model leaves out',
    'model-rows',
    /expected 1 costs in an array \(spec\.costs names keys\), got 0/,
    () => costed(() => []),
  ],
  [
    'a cost that is no quantity',
    'spec-quantities',
    /spec\.costs names "gold", which spec\.quantities \(keys\) doesn't list/,
    () => withSpec({ costs: ['gold'] }),
  ],
]

const keys = { name: 'keys', unit: 'keys', description: 'keys in hand' }
const walker = () => ({ name: 'walker', observation: box(1, 0, 2), action: discrete(3), numObservations: 3 })

/** A door with parts of its spec replaced by anything. */
function withSpec(change: { readonly [key: string]: unknown }): Env {
  const door = new LockedDoor()
  return Object.assign(door, { spec: { ...door.spec, ...change } })
}

/** A door that writes something more whenever it shows its state. */
function writing(more: (slot: Slot, state: number) => void): Env {
  return new (class extends LockedDoor {
    protected override write() {
      super.write()
      more(this.slot, this.state)
    }
  })()
}

/** A door that writes something more after each step. */
function stepping(more: (slot: Slot) => void): Env {
  return new (class extends LockedDoor {
    override step(actions: Int32Array) {
      super.step(actions)
      more(this.slot)
    }
  })()
}

/** A door that saves something else. */
function saving(change: (state: EnvState) => EnvState): Env {
  return new (class extends LockedDoor {
    override saveState() {
      return change(super.saveState())
    }
  })()
}

/** Picking up the key takes time 1 or 3; keys in hand are a cost. */
class TimedDoor extends LockedDoor {
  override readonly spec = { ...lockedDoorSpec, costs: ['keys'] }
  override step(actions: Int32Array) {
    super.step(actions)
    this.slot.elapsed[0] = actions[0] === 1 && this.rng.uniform() < 0.5 ? 3 : 1
  }
  override transitions(state: number, actions: Int32Array, sink: TransitionSink) {
    super.transitions(state, actions, {
      add: (next, probability, rewards, terminated) => {
        const costs = [next === 1 ? 1 : 0]
        if (actions[0] !== 1) return sink.add(next, probability, rewards, terminated, 1, costs)
        for (const time of [1, 3]) sink.add(next, probability / 2, rewards, terminated, time, costs)
      },
    })
  }
}

/** A team whose model gives the agents other rewards. */
function team(rewards: (guest: number, host: number) => number[]): Env {
  return new (class extends LeavingTeam {
    override transitions(state: number, actions: Int32Array, sink: TransitionSink) {
      super.transitions(state, actions, {
        add: (next, probability, both, terminated) =>
          sink.add(next, probability, rewards(both[0]!, both[1]!), terminated),
      })
    }
  })()
}

/** A door whose steps take time. */
function slowDoor(time: (action: number) => number): Env {
  return new (class extends LockedDoor {
    override step(actions: Int32Array) {
      super.step(actions)
      this.slot.elapsed[0] = time(actions[0]!)
    }
  })()
}

/** A door whose model reports its quantity as a cost. */
function costed(costs: (next: number) => number[]): Env {
  return new (class extends LockedDoor {
    override readonly spec = { ...lockedDoorSpec, costs: ['keys'] }
    override transitions(state: number, actions: Int32Array, sink: TransitionSink) {
      super.transitions(state, actions, {
        add: (next, probability, rewards, terminated) =>
          sink.add(next, probability, rewards, terminated, 1, costs(next)),
      })
    }
  })()
}

/** A door whose model says something else where `row` says so. */
function modelled(row: (state: number, action: number, sink: TransitionSink) => unknown): Env {
  return new (class extends LockedDoor {
    override transitions(state: number, actions: Int32Array, sink: TransitionSink) {
      let said = false
      row(state, actions[0]!, {
        add: (...outcome) => {
          said = true
          sink.add(...outcome)
        },
      })
      if (!said) super.transitions(state, actions, sink)
    }
  })()
}

/** A door in factors, of which it is one: it stays as the action left it. */
function inFactors({ keeps = 0.75, loses = 0, earns = -0.05 }): Env {
  return new (class extends LockedDoor {
    override factoredModel(): FactoredModel {
      return {
        sizes: Int32Array.of(3),
        moves: [Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1)],
        outcomes(state, [action], sink) {
          if (action === 2) sink.add(2, 1, 1)
          else if (action === 1) {
            sink.add(1, 1, earns)
            if (state === 1) sink.add(0, loses, 0)
          } else {
            sink.add(state, keeps, earns)
            sink.add(0, 1 - keeps, earns)
          }
        },
      }
    }
  })()
}

describe('a door in factors', () => {
  envConformance(() => inFactors({}))
})

describe('checkEnv catches', () => {
  it.each(broken)('%s: %s', (_, name, message, make) => {
    const report = checkEnv(make)
    expect(report.ok).toBe(false)
    const failed = report.checks.filter((check) => !check.ok && !check.message.startsWith('not run'))
    expect(failed.map((check) => check.name)).toContain(name)
    expect(failed.find((check) => check.name === name)!.message).toMatch(message)
  })

  it('with every check that it has', () => {
    expect(new Set(broken.map(([, check]) => check))).toEqual(new Set(envCheckNames))
  })
})

describe('checkEnv', () => {
  it('reports every check by name, those it could not run too', () => {
    const report = checkEnv(() => null as unknown as Env)
    expect(report.checks.map((check) => check.name)).toEqual(envCheckNames)
    expect(report.checks.at(-1)!.message).toBe('not run: put makes right first')
    expect(new Set(envCheckNames).size).toBe(envCheckNames.length)
  })

  it('is repeatable, and takes its seed and steps from the options', () => {
    const seen: string[] = []
    const make = () => stepping(() => void seen.push('step'))
    const first = checkEnv(make, { steps: 50 })
    const short = seen.length
    expect(checkEnv(make, { steps: 50 })).toEqual(first)
    expect(seen.length).toBe(2 * short)
    checkEnv(make, { steps: 5000 })
    expect(seen.length).toBeGreaterThan(2 * short + 4500)
  })

  it('lets agents come back where the team is open, and nowhere else', () => {
    const closed = () => {
      const team = new ContraryTeam()
      return Object.assign(team, { spec: { ...team.spec, open: false } })
    }
    expect(checkEnv(() => new ContraryTeam()).ok).toBe(true)
    const failed = checkEnv(closed).checks.filter((check) => !check.ok)
    expect(failed.map(({ name }) => name)).toEqual(['alive'])
    expect(failed[0]!.message).toMatch(
      /alive of agent "visitor" is 1 again; .* set spec\.open where agents come and go/,
    )
  })

  it.each(environments.map((entry) => [entry.name, entry] as const))('holds for %s with its defaults', (_, entry) => {
    const config = entry.schema.parse({})
    const failed = checkEnv(() => entry.create(config), { steps: 1500 }).checks.filter((check) => !check.ok)
    expect(failed).toEqual([])
  })
})
