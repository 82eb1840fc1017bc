import { type CheckResult, ConformanceFailure, fail } from '#env/conformance/check.js'
import type { Env } from '#env/env.js'
import type { Policy } from '#env/policy.js'
import { PolicyMemoryRows, withMemory } from '#env/policy-memory.js'
import { Rng } from '#env/rng.js'
import { type EnvSpec, layoutOf } from '#env/spec.js'
import { requirePolicy } from './learner-methods.js'
import { actsAt, copyOf, type Moment, momentsOf, ROWS, rowOf, views, withoutAgent } from './policy-moments.js'

/** Draws from one batch that are held against stated probabilities. */
const DRAWS = 3000

interface Subject {
  readonly spec: EnvSpec
  /** A policy made anew. */
  readonly make: () => Policy
  readonly moments: readonly Moment[]
}

interface PolicyCheck {
  readonly name: string
  readonly promise: string
  run(subject: Subject): void
}

const checks: readonly PolicyCheck[] = [
  {
    name: 'legal',
    promise: 'it chooses a legal action for everyone who acts, and 0 for who does not',
    run: (subject) => {
      const policy = subject.make()
      subject.moments.forEach((batch, at) => {
        act(policy, batch, `legal/${at}`).forEach((action, k) => {
          const { numActions } = batch.layout
          const mask = batch.mask.subarray(k * numActions, (k + 1) * numActions)
          if (mask.includes(1) ? mask[action] === 1 : action === 0 || action === -1) return
          const expected = mask.includes(1) ? `one of ${legalOf(mask).join(', ')}` : '0, as it does not act'
          fail(
            `${placeOf(subject, batch, k)}: action ${action}, expected ${expected}; write every agent's entry of out`,
          )
        })
      })
    },
  },
  {
    name: 'repeats',
    promise: 'the same views and generator give the same actions, and the views are left alone',
    run: (subject) => {
      const policy = subject.make()
      subject.moments.forEach((batch, at) => {
        const before = copyOf(batch)
        const first = act(policy, batch, `repeats/${at}`)
        for (const name of views) {
          if (batch[name].some((value, k) => value !== before[name][k])) {
            fail(`act changed batch.${name}; only read it`)
          }
        }
        for (const other of [policy, subject.make()]) {
          const again = act(other, batch, `repeats/${at}`)
          const k = again.findIndex((action, i) => action !== first[i])
          if (k < 0) continue
          const what = other === policy ? 'the same policy asked again' : 'the policy made anew'
          fail(
            `${placeOf(subject, batch, k)}: ${what} takes action ${again[k]} where it took ${first[k]}; draw from rng only`,
          )
        }
      })
    },
  },
  {
    name: 'rows',
    promise: 'what it does in a row depends on that row only',
    run: (subject) => {
      const policy = subject.make()
      if (policy.probabilities !== undefined) return
      subject.moments.forEach((batch, at) => {
        const all = act(policy, batch, `rows/${at}`)
        const n = batch.layout.actionsOf.length
        for (let row = 0; row < batch.size; row++) {
          const one = act(policy, rowOf(batch, row), 'another generator')
          const i = one.findIndex((action, k) => action !== all[row * n + k])
          if (i < 0) continue
          fail(
            `${placeOf(subject, batch, row * n + i)}: alone in a batch action ${one[i]}, among others ${all[row * n + i]}; a policy that draws gives probabilities too`,
          )
        }
      })
    },
  },
  {
    name: 'probabilities',
    promise: 'probabilities, where it gives them, sum to 1 over legal actions, and its draws follow them',
    run: (subject) => {
      const policy = subject.make()
      if (policy.probabilities === undefined) return
      subject.moments.forEach((batch, at) => {
        const p = probabilitiesOf(subject, policy, batch)
        act(policy, batch, `draw/${at}`).forEach((action, k) => {
          const given = p[k * batch.layout.numActions + action]!
          if (actsAt(batch, k) && !(given > 0)) {
            fail(`${placeOf(subject, batch, k)}: it took action ${action}, to which it gives probability ${given}`)
          }
        })
      })
      checkDraws(subject, policy, subject.moments[0]!)
    },
  },
  {
    name: 'scores',
    promise: 'scores, where it gives them, are highest at what it takes, and -Infinity where nothing is legal',
    run: (subject) => {
      const policy = subject.make()
      if (policy.scores === undefined) return
      subject.moments.forEach((batch, at) => {
        const { numActions } = batch.layout
        const scores = new Float64Array(batch.mask.length)
        policy.scores!(batch, scores)
        const chosen = act(policy, batch, `scores/${at}`)
        chosen.forEach((action, k) => {
          const row = scores.subarray(k * numActions, (k + 1) * numActions)
          row.forEach((score, a) => {
            const legal = batch.mask[k * numActions + a] === 1
            if (!Number.isNaN(score) && (legal || score === Number.NEGATIVE_INFINITY)) return
            const expected = legal ? 'a number' : '-Infinity, as it is not legal'
            fail(`${placeOf(subject, batch, k)}: action ${a} has score ${score}, expected ${expected}`)
          })
          if (policy.probabilities !== undefined || !actsAt(batch, k) || row[action] === Math.max(...row)) return
          fail(
            `${placeOf(subject, batch, k)}: it took action ${action} of score ${row[action]}, the highest is ${Math.max(...row)}`,
          )
        })
      })
    },
  },
  {
    name: 'memory',
    promise: 'what it remembers does not depend on its draws, and agents that do not act keep theirs',
    run: (subject) => {
      const policy = subject.make()
      const width = policy.memory?.size ?? 0
      if (width === 0) return
      const memory = new PolicyMemoryRows(policy, layoutOf(subject.spec), ROWS).values
      subject.moments.forEach((moment, at) => {
        // Besides those that are away here, one agent a moment is.
        const batch = withoutAgent(moment, at % moment.layout.agents)
        const again = memory.slice()
        const before = memory.slice()
        const out = new Int32Array(batch.size * batch.layout.actionsOf.length)
        policy.act({ ...batch, memory: again }, new Rng(`memory/${at}, another draw`), out)
        policy.act({ ...batch, memory }, new Rng(`memory/${at}`), out)
        const { heads } = batch.layout
        memory.forEach((value, m) => {
          const k = Math.floor(m / width)
          const where = `${placeOf(subject, batch, k * heads)}: number ${m % width} of its memory`
          if (!Object.is(value, again[m])) {
            fail(`${where} becomes ${value} or ${again[m]} by what is drawn; remember what was seen, not the draw`)
          }
          const acts = Array.from({ length: heads }, (_, head) => actsAt(batch, k * heads + head)).includes(true)
          if (!acts && !Object.is(value, before[m])) {
            fail(`${where} goes from ${before[m]} to ${value} while it does not act; leave it as it was`)
          }
        })
      })
    },
  },
]

/** The names of all checks, in the order they are run. */
export const policyCheckNames: readonly string[] = ['makes', ...checks.map(({ name }) => name)]

/**
 * Holds a policy against what it promises, on what is seen in an environment under random play. Never throws; whatever the
 * policy throws is a failed check.
 * @param name - of the policy, for messages
 * @param make - makes it anew at every call
 */
export function checkPolicy(
  name: string,
  make: () => Policy,
  makeEnv: () => Env,
): { readonly ok: boolean; readonly checks: readonly CheckResult[] } {
  const { spec } = makeEnv()
  const results = [
    runCheck('makes', 'it is made, says what it reads, and acts', () => {
      requirePolicy(name, make())
    }),
  ]
  const subject = { spec, make, moments: momentsOf(makeEnv) }
  for (const { name: check, promise, run } of checks) {
    results.push(
      results[0]!.ok
        ? runCheck(check, promise, () => run(subject))
        : { name: check, ok: false, message: 'not run: put makes right first' },
    )
  }
  return { ok: results.every(({ ok }) => ok), checks: results }
}

function probabilitiesOf(subject: Subject, policy: Policy, batch: Moment): Float64Array {
  const { numActions } = batch.layout
  const p = new Float64Array(batch.mask.length)
  policy.probabilities!(batch, p)
  for (let k = 0; k < p.length / numActions; k++) {
    if (!actsAt(batch, k)) continue
    const row = p.subarray(k * numActions, (k + 1) * numActions)
    row.forEach((value, a) => {
      const legal = batch.mask[k * numActions + a] === 1
      if (value >= 0 && value <= 1 + 1e-9 && (legal || value === 0)) return
      const expected = legal ? 'a number in 0..1' : '0, as it is not legal'
      fail(`${placeOf(subject, batch, k)}: action ${a} has probability ${value}, expected ${expected}`)
    })
    const sum = row.reduce((total, value) => total + value, 0)
    if (Math.abs(sum - 1) > 1e-9) fail(`${placeOf(subject, batch, k)}: its probabilities sum to ${sum}, expected 1`)
  }
  return p
}

/** Frequencies within six standard deviations. */
function checkDraws(subject: Subject, policy: Policy, batch: Moment): void {
  const p = probabilitiesOf(subject, policy, batch)
  const { numActions } = batch.layout
  const count = new Float64Array(p.length)
  const rng = new Rng('check-policy/draws')
  const out = new Int32Array(p.length / numActions)
  for (let draw = 0; draw < DRAWS; draw++) {
    policy.act(batch, rng, out)
    out.forEach((action, k) => {
      count[k * numActions + action]!++
    })
  }
  p.forEach((probability, at) => {
    const k = Math.floor(at / numActions)
    const bound = 6 * Math.sqrt((probability * (1 - probability)) / DRAWS) + 1e-9
    if (!actsAt(batch, k) || Math.abs(count[at]! / DRAWS - probability) <= bound) return
    fail(
      `${placeOf(subject, batch, k)}: it took action ${at % numActions} in ${count[at]} of ${DRAWS} draws, its probability is ${probability}`,
    )
  })
}

/** What it does from the start of an episode. */
function act(policy: Policy, batch: Moment, seed: string): Int32Array {
  const out = new Int32Array(batch.size * batch.layout.actionsOf.length).fill(-7)
  policy.act(withMemory(batch, policy), new Rng(seed), out)
  return out
}

function legalOf(mask: Uint8Array): number[] {
  return [...mask].flatMap((legal, action) => (legal === 1 ? [action] : []))
}

function placeOf({ spec }: Subject, { layout }: Moment, k: number): string {
  const place = k % layout.actionsOf.length
  const agent = spec.agents[Math.floor(place / layout.heads)]!.name
  return `in ${spec.id}, row ${Math.floor(k / layout.actionsOf.length)}, agent "${agent}"`
}

function runCheck(name: string, promise: string, run: () => void): CheckResult {
  try {
    run()
    return { name, ok: true, message: promise }
  } catch (error) {
    if (error instanceof ConformanceFailure) return { name, ok: false, message: error.message }
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    return { name, ok: false, message: `the policy threw ${what}` }
  }
}
