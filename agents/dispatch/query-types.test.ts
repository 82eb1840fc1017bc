import { describe, expect, it } from 'vitest'
import type { Ranker } from '../control/ranking.js'
import { dispatchSchema } from '../team/dispatch-schema.js'
import { QueryTypes } from './query-types.js'

const names = ['easy', 'hard', 'code']
const types = (settings: object, classifier?: Ranker, of: readonly string[] = names) =>
  new QueryTypes(dispatchSchema.parse(settings), of, 20, classifier)
const rules = [
  { match: 'functi?on', type: 'code' },
  { match: 'why', type: 'hard' },
]
const never = (): string => {
  throw new Error('nobody reads it')
}

describe('the type of a query', () => {
  it('is what its header says; the prompt is not read', () => {
    expect(types({ typeRules: rules }).typeOf({ 'x-cadre-type': 'hard' }, never)).toBe(1)
    expect(types({ typeHeader: 'kind' }).typeOf({ kind: 'code', 'x-cadre-type': 'hard' }, never)).toBe(2)
    expect(() => types({ otherType: 'easy' }).typeOf({ 'x-cadre-type': 'Hard' }, never)).toThrow(
      'x-cadre-type: there is no query type "Hard"; the team answers easy, hard, code',
    )
  })

  it('is told by rules that no prompt keeps busy', () => {
    const settings = dispatchSchema.parse({ typeRules: [{ match: '^(a+)+$', type: 'hard' }], otherType: 'easy' })
    expect(new QueryTypes(settings, names, 5000).typeOf({}, () => `${'a'.repeat(4000)}!`)).toBe(0)
  })

  it('else that of the first rule that the beginning of its prompt matches, in whatever case', () => {
    const some = types({ typeRules: rules, otherType: 'easy' })
    expect(some.typeOf({}, () => 'Why this FUNCTION?')).toBe(2)
    expect(some.typeOf({}, () => 'Why that?')).toBe(1)
    expect(some.typeOf({}, () => 'What?')).toBe(0)
    // Twenty characters are read.
    expect(some.typeOf({}, () => `${'.'.repeat(17)}why`)).toBe(1)
    expect(some.typeOf({}, () => `${'.'.repeat(18)}why`)).toBe(0)
  })

  it('else what the classifier says of the beginning', () => {
    const read: string[] = []
    const classifier: Ranker = {
      reason: 'policy',
      rank: (text) => {
        read.push(text)
        return { order: Int32Array.of(1, 0, 2), scores: null, probabilities: null }
      },
    }
    const some = types({ typeRules: rules }, classifier)
    expect([some.typeOf({}, () => 'function'), some.typeOf({}, () => 'What? '.repeat(9))]).toEqual([2, 1])
    expect(read).toEqual(['What? What? What? Wh'])
  })

  it('else the one for the rest, or the only one there is; without either it must be told', () => {
    expect(types({ otherType: 'hard' }).typeOf({}, never)).toBe(1)
    expect(types({}, undefined, ['any']).typeOf({}, never)).toBe(0)
    expect(() => types({}).typeOf({}, never)).toThrow(
      'expected the type of the query in the header x-cadre-type; the team answers easy, hard, code',
    )
  })
})
