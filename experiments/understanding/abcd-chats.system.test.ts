import { describe, expect, it } from 'vitest'
import { dataEnvironment } from '../benchmarks/data-environment.js'
import { neededFile } from '../data/data-file.js'
import { findCopy } from '../data/locate-outcomes.js'
import { findPublishedSet } from '../data/published-sets.js'
import { readWhole } from '../data/read-text.js'
import { readAbcdChats } from './abcd-chats.js'

const chat = (subflow: string, original: [string, string][]) => ({ convo_id: 1, scenario: { subflow }, original })

describe('chats of ABCD', () => {
  it('are what the customer said before anybody acted', () => {
    const one = chat('return_size', [
      ['agent', 'Hi!'],
      ['customer', 'I want to  return jeans.'],
      ['agent', 'Your name?'],
      ['customer', 'Ada'],
      ['action', 'Account pulled up.'],
      ['customer', 'Too small.'],
    ])
    const silent = chat('status', [['action', 'Account pulled up.']])
    const all = { train: [one, silent], dev: [], test: [chat('cost', [['customer', 'how much']])] }
    const read = (part: 'train' | 'test') => readAbcdChats(JSON.stringify(all), part, 'x')
    expect(read('train').map(({ text, intent }) => [text, intent])).toEqual([
      ['I want to return jeans. Ada', 'return_size'],
    ])
    expect(read('test').map(({ intent }) => intent)).toEqual(['cost'])
  })

  it('are refused where they are something else', () => {
    expect(() => readAbcdChats('{', 'train', 'x.json')).toThrow(/x\.json.*expected JSON/)
    expect(() => readAbcdChats('{"train":[{}],"dev":[],"test":[]}', 'train', 'x.json')).toThrow(
      /train\.0\.convo_id.*expected chats of ABCD/,
    )
  })
})

const { folder } = await findCopy(findPublishedSet('abcd'), dataEnvironment())
const why = folder === undefined ? ' (skipped: run cadre data pull abcd)' : ''

describe.skipIf(folder === undefined)(`the three chats that ABCD shows${why}`, () => {
  it('are read', async () => {
    const file = neededFile(folder!, 'abcd_sample.json')
    const examples = readAbcdChats(await readWhole(file), 'train', file)
    expect(examples).toHaveLength(3)
    expect(examples[0]).toMatchObject({
      intent: 'return_size',
      text: 'Hi! I need to return an item, can you help me with that? Crystal Minh',
    })
  })
})
