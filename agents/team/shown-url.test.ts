import { expect, it } from 'vitest'
import { portTooHigh, shownUrl } from './shown-url.js'

it.each([
  ['ftp://models.example/v1', '"ftp://models.example/v1"'],
  ['models.example:8000/v1', '"models.example:8000/v1"'],
  ['http://me:secret@models.example/v1', '"http://...@models.example/v1"'],
  ['me:se@cr/et@models.example/v1', '"...@models.example/v1"'],
  ['htp://models.example/v1?api-key=secret', '"htp://models.example/v1?..."'],
  ['sk-secretsecretsecret', '"sk-secretsec"...'],
  ['local', '"local"'],
  ['eyJhbGciOi.eyJzdWIiOiIx.c2VjcmV0', '"eyJhbGciOi.e"...'],
  ['ab/cd+ef/gh==secret', '"ab/cd+ef/gh="...'],
  ['key:secretsecret', '"key:secretse"...'],
  [`http//${'a'.repeat(300)}`, `"http//${'a'.repeat(194)}..."`],
])('shows %s', (text, shown) => {
  expect(shownUrl(text)).toBe(shown)
})

it.each([
  ['http://127.0.0.1:99177/v1', '99177'],
  ['http://[::1]:70000', '70000'],
  ['https://me:99177@models.example:65536/v1', '65536'],
  ['http://127.0.0.1:65535/v1', null],
  ['https://me:99177@models.example/v1', null],
  ['http://models.example/v1:99177', null],
])('of %s the port too high is %s', (text, port) => {
  expect(portTooHigh(text)).toBe(port)
})
