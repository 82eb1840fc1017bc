import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { customerService, madeFiles, makeCustomerService } from '../answering/make-customer-service.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-made-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('making the customer service again', { timeout: 300_000 }, () => {
  it('gives the bytes that ship, whatever its files said before', async () => {
    cpSync(customerService, folder, { recursive: true })
    // Nothing of what is made may lead to what is made next.
    for (const name of madeFiles) writeFileSync(join(folder, name), 'nothing of use')
    const { questions } = await makeCustomerService(folder)
    expect(questions).toBe(5112)
    for (const name of madeFiles) {
      expect(readFileSync(join(folder, name)).equals(readFileSync(join(customerService, name))), name).toBe(true)
    }
  })
})
