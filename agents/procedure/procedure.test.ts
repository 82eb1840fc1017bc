import { describe, expect, it } from 'vitest'
import { machineClock } from '../client/clock.js'
import { WorkingMemory } from '../context/working-memory.js'
import { agentRequestSchema } from '../contract/agent.js'
import { CheckedAgent } from '../contract/checked-agent.js'
import { agentConformance } from '../testing/agent-conformance.js'
import { testResources } from '../testing/test-resources.js'
import { procedure } from './procedure.js'
import { parseSteps } from './steps-file.js'

const settings = {
  steps: { return: ['pull-up', 'verify', 'refund'], hello: ['greet'] },
  actions: {
    'pull-up': { needs: [['name', 'account']], says: 'I see, {name}.' },
    verify: { needs: ['order', 'zip'], asks: 'Which order, and which zip code?' },
    refund: { says: 'Your money for {order} is on its way.' },
  },
}
const create = (own: object = settings, files = {}) =>
  procedure.create(procedure.schema.parse(own), testResources('desk', files))
const scopes = { reads: ['slots/', 'procedure/'], writes: ['procedure/'] }

/** A conversation with the agent: what it is told turn by turn. */
function talk(agent = create()) {
  let memory = WorkingMemory.empty
  const actions: unknown[] = []
  return {
    actions,
    memory: () => memory,
    say: async (intent: string | null, slots: Record<string, string>, confidence = 1) => {
      const question = Object.values(slots).join(' ') || 'please'
      const named = Object.entries(slots).map(([name, text]) => {
        const from = question.indexOf(text)
        return { name, text, from, to: from + text.length, confidence: 1 }
      })
      memory = memory.with(
        'user',
        named.map(({ name, text }) => ({ key: `slots/${name}`, value: text, source: null })),
      )
      const frame = { intent, confidence, slots: named }
      const request = agentRequestSchema.parse({ id: 'q', question, found: { frame }, memory: memory.shownTo(scopes) })
      const answer = await new CheckedAgent(agent, machineClock).handle(request, {
        signal: new AbortController().signal,
        deadline: machineClock.elapsedMs() + 10_000,
        trace: (event, detail) => void (event === 'action' && actions.push(detail!.action)),
      })
      memory = memory.with('desk', answer.remember ?? [])
      return answer
    },
  }
}

describe('procedure', () => {
  agentConformance(() => {
    const frame = { intent: 'return', confidence: 1, slots: [] }
    return {
      agent: create(),
      request: agentRequestSchema.parse({ id: 'q', question: 'I return it', found: { frame } }),
    }
  })

  it('does one action after the other, each once what it needs is known', async () => {
    const { say, actions, memory } = talk()
    const textOf = async (slots: Record<string, string>) => (await say('return', slots)).found.drafts![0]!.text
    expect(await textOf({})).toBe('What is the name or account?')
    expect(actions).toEqual([])
    // An order is known before it is needed: nothing is done out of order.
    expect(await textOf({ order: 'A-1' })).toBe('What is the name or account?')
    expect(await textOf({ name: 'Ada' })).toBe('I see, Ada. Which order, and which zip code?')
    expect(actions).toEqual(['pull-up'])
    expect(memory().facts.find(({ key }) => key === 'procedure/open')?.value).toBe('return')
    expect(await textOf({ zip: '69001' })).toBe('Your money for A-1 is on its way. That is done.')
    expect(actions).toEqual(['pull-up', 'verify', 'refund'])
    expect(memory().facts.map(({ key }) => key)).not.toContain('procedure/open')
    // What has ended begins anew.
    await textOf({})
    expect(actions).toEqual(['pull-up', 'verify', 'refund', 'pull-up', 'verify', 'refund'])
  })

  it('stands on the rule that it follows, and is as sure as the question is understood', async () => {
    const { found, confidence, provenance } = await talk().say('hello', {}, 0.81)
    const source = { document: 'desk#hello', title: 'hello', quote: 'hello: greet' }
    expect(provenance).toEqual([source])
    expect(found.drafts![0]!.provenance).toEqual([source])
    expect(confidence).toBeCloseTo(0.95 * 0.9, 12)
  })

  it('keeps two procedures apart', async () => {
    const { say, actions } = talk()
    await say('return', { name: 'Ada' })
    await say('hello', {})
    await say('return', { order: 'A-1', zip: '1' })
    expect(actions).toEqual(['pull-up', 'greet', 'verify', 'refund'])
  })

  it.each([[null], ['other'], ['constructor']])('has nothing for %s', async (intent) => {
    await expect(talk().say(intent, {})).rejects.toMatchObject({ outcome: 'unfit' })
  })

  it('reads its steps from a file, and refuses others', async () => {
    const agent = create({ steps: 'kb.json' }, { 'kb.json': '{"return": ["pull-up"]}' })
    expect((await talk(agent).say('return', {})).provenance[0]!.document).toBe('kb.json#return')
    const parse = (text: string) => () => parseSteps('kb.json', new TextEncoder().encode(text))
    expect(parse('{')).toThrow(/kb\.json: expected JSON/)
    expect(parse('[]')).toThrow(/kb\.json: expected \{"intent"/)
    expect(parse('{"return": []}')).toThrow(/kb\.json: return: expected/)
    expect(() => create({ ...settings, actions: { fly: {} } })).toThrow(/actions\.fly: no intent requires it/)
  })
})
