import type { IncomingMessage } from 'node:http'
import { expect, it } from 'vitest'
import { machineClock } from '../client/clock.js'
import type { Backlog } from './backlog.js'
import { Door } from './door.js'
import { WorkList } from './work.js'

/** A door of a gateway that is behind. @param helped - whether somebody else refuses for it */
function doorOf(helped: boolean) {
  const works = new WorkList({ concurrentRequests: 1, bodiesBytes: 1 }, 1000, machineClock)
  let asked = 0
  const help = () => {
    asked++
    return helped
  }
  const door = new Door(works, { behind: true } as Backlog, 10, help)
  const codes = (count: number, url = '/v1/chat/completions') => {
    const incoming = { url, socket: {}, headersDistinct: Object.create(null) } as IncomingMessage
    return Array.from({ length: count }, () => door.refusal(incoming)?.body.error.code ?? null)
  }
  return { codes, asked: () => asked }
}

it('a gateway that is behind lets in all that come to it while somebody else refuses', () => {
  const { codes, asked } = doorOf(true)
  expect(codes(32)).toEqual(Array.from({ length: 32 }, () => null))
  expect(asked()).toBe(32)
})

it('says no itself where nobody helps, but for one in sixteen', () => {
  const { codes } = doorOf(false)
  const said = codes(48)
  expect(said.filter((code) => code === null)).toHaveLength(3)
  expect(said.filter((code) => code === 'overloaded')).toHaveLength(45)
})

it('says how it is, and what models there are, however far it is behind', () => {
  const { codes, asked } = doorOf(false)
  for (const url of ['/healthz', '/readyz', '/v1/models', '/v1/chat/completions2']) {
    expect(codes(20, url)).toEqual(Array.from({ length: 20 }, () => null))
  }
  expect(asked()).toBe(0)
  expect(codes(1, '/v1/chat/completions?x=1')).toEqual(['overloaded'])
})
