import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { textPolicy } from '#agents/testing/text-policy.js'
import { type FencedBlock, fencedBlocks, fileOf } from '../docs/fenced-blocks.js'
import { packageRoot } from '../modules/package-root.js'
import { startServe, startStubProcess } from '../testing/serve-process.js'
import { writeTextBundle } from '../testing/text-bundle.js'

const run = promisify(execFile)
const root = fileURLToPath(packageRoot())
const blocks = fencedBlocks(readFileSync(join(root, 'docs/serve.md'), 'utf8'))
const block = (fits: (one: FencedBlock) => boolean) => blocks.find(fits)!.text

describe('docs/serve.md', () => {
  it('shows a team that serves, and clients that work with it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cadre-serve-docs-'))
    writeTextBundle(join(folder, 'bundle'), textPolicy(['weak', 'strong']))
    const stub = await startStubProcess('ok')
    const yaml = block((one) => fileOf(one) === 'team.yaml').replaceAll(/https?:\/\/[^\s/]+\/v1/g, stub.endpoint)
    // The key whose hash the page shows.
    const env = { OPENAI_API_KEY: 'sk-1', KEY: 'secret' }
    const gateway = await startServe(folder, yaml, env)
    expect(gateway.printed.agents).toEqual(['weak', 'strong'])
    const here = (text: string) => text.replaceAll('http://127.0.0.1:8080/v1', gateway.url)

    const curl = here(block(({ language }) => language === 'bash'))
    const { stdout } = await run('bash', ['-c', curl], { env: { ...process.env, ...env } })
    expect(stdout.match(/"chat\.completion"/g)).toHaveLength(1)
    expect(stdout.match(/data: \[DONE\]/g)).toHaveLength(1)
    expect(stdout).toMatch(/"object":"list".*"id":"cadre".*"id":"weak".*"id":"strong"/)

    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
    writeFileSync(join(folder, 'client.mjs'), here(block((one) => fileOf(one) === 'client.mjs')))
    const client = await run(process.execPath, ['client.mjs'], { cwd: folder, env: { ...process.env, ...env } })
    expect(client.stdout).toMatch(
      /^Hello from the stub: "What is 7 times 8\?"\n(weak|strong) (policy|explored)\nHello from the stub$/,
    )

    expect(gateway.decisions()).toHaveLength(4)
    expect((await gateway.stop()).code).toBe(0)
    stub.close()
    rmSync(folder, { recursive: true })
  }, 30_000)
})
