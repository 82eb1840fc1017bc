import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { packageRoot } from '../modules/package-root.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-torn-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('a line of the log that was written in part is taken back', () => {
  const { href } = new URL('dist/agents/log/log-file.js', packageRoot())
  const file = join(folder, 'decisions.jsonl')
  const script = `const { LogFile } = await import(${JSON.stringify(href)})
    const log = new LogFile(${JSON.stringify(file)})
    const line = JSON.stringify({ format: 'cadre-log/2', text: 'x'.repeat(300) }) + '\\n'
    let refused = 0
    for (let k = 0; k < 20; k++) try { log.append(line) } catch { refused++ }
    console.log(refused, line.length)`
  // Files grow to one block, and then only in part.
  const limited = 'trap "" XFSZ; ulimit -f 1; exec "$0" --input-type=module -e "$1"'
  const { stdout, stderr } = spawnSync('bash', ['-c', limited, process.execPath, script], { encoding: 'utf8' })
  expect(stderr).toBe('')
  const [refused, length] = stdout.split(' ').map(Number)
  expect(refused).toBeGreaterThan(0)
  const text = readFileSync(file, 'utf8')
  expect(text.length).toBe((20 - refused!) * length!)
  for (const line of text.trimEnd().split('\n')) expect(JSON.parse(line).format).toBe('cadre-log/2')
})
