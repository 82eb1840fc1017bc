import { beforeAll, expect, it } from 'vitest'
import { AgentFailure } from '../client/agent-failure.js'
import { machineClock } from '../client/clock.js'
import { type Agent, type AgentRequest, agentAnswerSchema, type Call } from '../contract/agent.js'
import { CheckedAgent } from '../contract/checked-agent.js'

/** An agent to try, and a question that it can answer with what was found for it. */
export interface ConformanceCase {
  readonly agent: Agent
  readonly request: AgentRequest
}

/** What every agent promises: `describe('rules', () => agentConformance(() => ({ agent: ..., request: ... })))`. */
export function agentConformance(make: () => ConformanceCase | Promise<ConformanceCase>): void {
  let made: ConformanceCase
  beforeAll(async () => {
    made = await make()
  }, 120_000)

  const callOf = (signal = new AbortController().signal, ms = 60_000): Call => ({
    signal,
    deadline: machineClock.elapsedMs() + ms,
    trace: () => {},
  })
  const ask = (request = made.request, call = callOf()) =>
    new CheckedAgent(made.agent, machineClock).handle(request, call)

  it('has a card: a name, a line for people, what it adds and needs', () => {
    const { card } = made.agent
    expect(card.name).toMatch(/^[!-~]([ -~]*[!-~])?$/)
    expect(card.summary.length).toBeGreaterThan(10)
    expect(card.adds.length).toBeGreaterThan(0)
    expect(card.longestQuestion).toBeGreaterThan(0)
    for (const need of card.needs) expect(made.request.found).toHaveProperty(need)
  })

  it('answers within its contract, and adds what its card says', async () => {
    const answer = await ask()
    expect(agentAnswerSchema.safeParse(answer).error).toBeUndefined()
    for (const key of Object.keys(answer.found)) expect(made.agent.card.adds).toContain(key)
    expect(Object.keys(answer.found).length).toBeGreaterThan(0)
  })

  it('leaves the request as it was', async () => {
    const before = JSON.stringify(made.request)
    await ask()
    expect(JSON.stringify(made.request)).toBe(before)
  })

  it('answers the same again where it is a program', async () => {
    if (!made.agent.card.repeats) return
    expect(await ask()).toEqual(await ask())
  })

  it('answers several questions at once, each as alone', async () => {
    const alone = await ask()
    const together = await Promise.all([
      ask(),
      ask({ ...made.request, question: 'something else?' }).catch(() => null),
      ask(),
    ])
    if (made.agent.card.repeats) expect([together[0], together[2]]).toEqual([alone, alone])
  })

  it('gives up at once when the call does', async () => {
    const gone = new AbortController()
    gone.abort()
    await expect(made.agent.handle(made.request, callOf(gone.signal))).rejects.toMatchObject({ outcome: 'aborted' })
  })

  it.each([
    ['blanks', '   \t  '],
    ['one sign', '?'],
    ['no letters', '%%% 123 !!!'],
    ['another script', '日本の首都はどこですか'],
    ['half a surrogate', 'what is \ud83d up'],
    ['controls', 'what\u0000is\u001bthis'],
    ['very long', 'who said so and when '.repeat(20_000)],
    ['one long word', 'a'.repeat(100_000)],
  ])('answers or fails clearly: %s', { timeout: 60_000 }, async (_, question) => {
    const { found } = made.request
    const { frame: _frame, ...others } = found
    const asked = { ...made.request, question, found: made.agent.card.needs.includes('frame') ? found : others }
    const outcome = await ask(asked).catch((error: unknown) => error)
    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(AgentFailure)
    else expect(agentAnswerSchema.safeParse(outcome).error).toBeUndefined()
  })
}
