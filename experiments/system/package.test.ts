import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../modules/package-root.js'

const run = promisify(execFile)
const root = fileURLToPath(packageRoot())
const folder = mkdtempSync(join(tmpdir(), 'cadre-package-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What a fresh clone holds: the files of the working tree that git knows or would, with the packages linked in. */
async function freshClone(): Promise<string> {
  const clone = join(folder, 'clone')
  const { stdout } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root })
  for (const path of stdout.split('\n').filter((line) => line !== '' && existsSync(join(root, line)))) {
    cpSync(join(root, path), join(clone, path), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'))
  return clone
}

describe('npm pack in a fresh clone', () => {
  const project = join(folder, 'project')
  const installed = join(project, 'node_modules/cadre')
  let files: readonly string[]

  beforeAll(async () => {
    const clone = await freshClone()
    // Left behind by an older build, say: must not be packed.
    mkdirSync(join(clone, 'dist/env'), { recursive: true })
    writeFileSync(join(clone, 'dist/env/stale.js'), '')
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: clone })
    const packed = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as { filename: string; files: { path: string }[] }[]
    files = packed[0]!.files.map(({ path }) => path)
    // Unpacked as npm does; what it depends on is what the clone has, so that no registry is needed.
    mkdirSync(installed, { recursive: true })
    await run('tar', ['-xzf', join(folder, packed[0]!.filename), '-C', installed, '--strip-components=1'])
    symlinkSync(join(root, 'node_modules'), join(installed, 'node_modules'))
    writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
  }, 300_000)

  it('holds compiled code, its types, the configs, the shipped team and its writer, and the docs, and nothing else', () => {
    expect(files).toContain('dist/experiments/cli/bin.js')
    expect(files).toContain('dist/experiments/cadre.d.ts')
    expect(files).toContain('dist/experiments/modules/catalogue.json')
    expect(files).toContain('experiments/configs/quickstart.yaml')
    expect(files).toContain('experiments/shipped-teams/customer-service/team.yaml')
    expect(files).toContain('experiments/shipped-teams/customer-service/understanding.model')
    expect(files).toContain('experiments/shipped-teams/customer-service/policy/weights.safetensors')
    expect(files).toContain('agents/writing/models/xquad-writer.safetensors')
    expect(files).not.toContain('dist/env/stale.js')
    const others = files.filter(
      (path) => !/^(dist|docs|experiments\/(configs|shipped-teams)|agents\/writing\/models)\//.test(path),
    )
    expect(others.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'])
    expect(files.filter((path) => /\.test\.|testing\/|\.ts$/.test(path) && !path.endsWith('.d.ts'))).toEqual([])
  })

  it('runs: the command line trains, and every entry point can be imported', async () => {
    const bin = join(installed, 'dist/experiments/cli/bin.js')
    const experiment = join(project, 'tiny.yaml')
    writeFileSync(
      experiment,
      'name: tiny\ndiscount: 0.9\nsteps: 200\nseeds: 1\nenvironments: { lake: { use: frozen-lake } }\nalgorithms: { q: { use: q-learning } }\nevaluation: { points: 2 }\n',
    )
    const trained = await run(process.execPath, [bin, 'train', experiment, '--json', '--out', join(project, 'runs')])
    const { trials } = JSON.parse(trained.stdout) as { trials: { status: string }[] }
    expect(trials.map(({ status }) => status)).toEqual(['done'])
    const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
      exports: { [path: string]: { types: string } | string }
    }
    const entries = Object.entries(exports).flatMap(([path, target]) =>
      typeof target === 'string' ? [] : [{ path, target }],
    )
    for (const { target } of entries) expect(existsSync(join(installed, target.types)), target.types).toBe(true)
    const imports = entries.map(({ path }) => `await import('cadre${path.slice(1)}')`).join('\n')
    await run(process.execPath, ['--input-type=module', '-e', imports], { cwd: project })
  })

  it("has types that the examples of users' files keep to", async () => {
    const { default: ts } = await import('typescript')
    cpSync(join(root, 'docs/examples'), join(project, 'examples'), { recursive: true })
    symlinkSync(join(root, 'node_modules/zod'), join(project, 'node_modules/zod'))
    const files = readdirSync(join(project, 'examples'))
      .filter((name) => name.endsWith('.mjs'))
      .map((name) => join(project, 'examples', name))
      // The others are programs of Node's own, for which its types would have to be there.
      .filter((path) => readFileSync(path, 'utf8').includes("'cadre/"))
    expect(files.length).toBeGreaterThan(4)
    const program = ts.createProgram(files, {
      allowJs: true,
      checkJs: true,
      strict: false,
      noEmit: true,
      skipLibCheck: true,
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      types: [],
    })
    const told = ts
      .getPreEmitDiagnostics(program)
      .map(({ file, start, messageText }) => [
        file?.fileName,
        start,
        ts.flattenDiagnosticMessageText(messageText, '; '),
      ])
    expect(told).toEqual([])
  }, 120_000)
})
