import { describe, expect, it } from 'vitest'
import { beginningOf, parseChatRequest, promptText } from './chat-request.js'

const parse = (json: unknown) => parseChatRequest(JSON.stringify(json))
const user = (content: unknown) => ({ role: 'user', content })

describe('promptText', () => {
  it.each([
    [[user('one')], 'one'],
    [[user('one'), { role: 'assistant', content: 'two' }, user('three'), { role: 'tool', content: 'four' }], 'three'],
    [[{ role: 'system', content: 'be kind' }], ''],
    [
      [
        user([
          { type: 'text', text: 'a' },
          { type: 'image_url', image_url: { url: 'x' } },
          { type: 'text', text: 'b' },
        ]),
      ],
      'a\nb',
    ],
    [[user(null)], ''],
  ])('%#', (messages, expected) => {
    expect(promptText(parse({ model: 'm', messages }))).toBe(expected)
  })
})

describe('beginningOf', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abc', 2, 'ab'],
    ['a\u{1f600}b', 2, 'a'],
    ['a\u{1f600}b', 3, 'a\u{1f600}'],
  ])('%j up to %d: %j', (text, limit, expected) => {
    expect(beginningOf(text, limit)).toBe(expected)
  })
})

describe('parseChatRequest', () => {
  it('keeps what it does not know, at every level', () => {
    const json = {
      model: 'm',
      messages: [{ ...user('x'), name: 'n' }],
      tools: [{ type: 'function' }],
      metadata: { deep: [null, 1.5] },
    }
    expect(parse(json)).toEqual(json)
  })

  it('does not count brackets in strings as depth', () => {
    const content = `${'['.repeat(1000)}"\\`
    expect(promptText(parse({ model: 'm', messages: [user(content)] }))).toBe(content)
  })

  it('never shows the text of what it refuses', () => {
    expect(() => parseChatRequest('{"secret": hunter2}')).toThrowError(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    )
  })
})
