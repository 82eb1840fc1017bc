import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { ggufModel } from './gguf-model.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-gguf-'))
afterAll(() => rmSync(folder, { recursive: true }))

const installed = existsSync(new URL('../../node_modules/node-llama-cpp', import.meta.url))
const file = process.env.CADRE_GGUF
const why = installed
  ? file === undefined
    ? ' (skipped: CADRE_GGUF names no model)'
    : ''
  : ' (skipped: node-llama-cpp is not installed)'
const options = { maxTokens: 24, temperature: 0 }
const prompt = { system: 'Answer briefly.', user: 'Passage: Returns are free within 30 days.\n\nQuestion: How long?' }

it('says what is missing', () => {
  expect(() => ggufModel('none.gguf', folder, { contextTokens: 512 })).toThrow('none.gguf: there is no such file')
  writeFileSync(join(folder, 'bad.gguf'), 'no model')
  if (!installed)
    expect(() => ggufModel('bad.gguf', folder, { contextTokens: 512 })).toThrow(
      /node-llama-cpp is not installed.*npm install/,
    )
})

describe.skipIf(!installed || file === undefined)(`a model on this machine${why}`, { timeout: 300_000 }, () => {
  it('says the same again, question after question, and stops where it is given up', async () => {
    const model = ggufModel(file!, '/', { contextTokens: 1024 })
    const { signal } = new AbortController()
    const said = await Promise.all([1, 2].map(() => model.complete(prompt, { ...options, signal })))
    expect(said[0]!.length).toBeGreaterThan(0)
    expect(said[1]).toBe(said[0])
    const gone = new AbortController()
    const late = model.complete(prompt, { ...options, maxTokens: 500, signal: gone.signal })
    gone.abort()
    await expect(late).rejects.toMatchObject({ outcome: 'aborted' })
    await model.close()
  })

  it('is refused where the file is no model', async () => {
    const model = ggufModel('bad.gguf', folder, { contextTokens: 512 })
    const { signal } = new AbortController()
    await expect(model.complete(prompt, { ...options, signal })).rejects.toMatchObject({
      ...{ outcome: 'server-error', message: expect.stringMatching(/bad\.gguf can't be loaded/) },
    })
    await model.close()
  })
})
