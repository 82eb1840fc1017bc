import { describe, expect, it } from 'vitest'
import { isOwnAddress } from './own-address.js'

describe('isOwnAddress', () => {
  it.each([
    ['http://127.0.0.1:8080/v1', '127.0.0.1', true],
    ['http://localhost:8080/v1', '127.0.0.1', true],
    ['http://LOCALHOST:8080/v1', 'localhost', true],
    ['http://127.0.0.1:8080/v1', 'localhost', true],
    ['http://[::1]:8080/v1', '::1', true],
    ['http://localhost:8080/v1', '::1', true],
    ['http://team.localhost:8080/v1', '127.0.0.1', true],
    ['http://127.0.0.1:8080/v1', '0.0.0.0', true],
    ['http://127.0.0.1:8080/v1', '::', true],
    ['http://team.example:8080/v1', 'team.example', true],
    // Somebody else's.
    ['http://127.0.0.1:8081/v1', '127.0.0.1', false],
    ['http://127.0.0.2:8080/v1', '127.0.0.1', false],
    ['http://127.0.0.2:8080/v1', 'localhost', false],
    ['http://[::1]:8080/v1', '127.0.0.1', false],
    ['http://[::1]:8080/v1', '0.0.0.0', false],
    ['http://other.example:8080/v1', '0.0.0.0', false],
    // The gateway speaks no TLS.
    ['https://127.0.0.1:8080/v1', '127.0.0.1', false],
  ])('%s, listening on %s: %s', (endpoint, host, expected) => {
    expect(isOwnAddress(endpoint, { host, port: 8080 })).toBe(expected)
  })

  it('knows the port that http has by itself, and none where any free one is wanted', () => {
    expect(isOwnAddress('http://127.0.0.1/v1', { host: '127.0.0.1', port: 80 })).toBe(true)
    expect(isOwnAddress('http://127.0.0.1/v1', { host: '127.0.0.1', port: 0 })).toBe(false)
  })
})
