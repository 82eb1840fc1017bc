import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliffWalking } from '#env/cliff-walking/entry.js'
import type { Json } from '#env/json.js'
import { writePlannedBundle } from '../testing/planned-bundle.js'
import { policyFor } from './policy-for.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-policy-for-'))
const trial = join(folder, 'trials', 'f24c5db5ee831e7a')
beforeAll(() => {
  writePlannedBundle(join(trial, 'policy'), cliffWalking)
  mkdirSync(join(folder, 'empty'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const config = cliffWalking.schema.parse({}) as Json
const setting = { entry: cliffWalking, config, spec: cliffWalking.create(config).spec }
const find = (use: string) => policyFor(use, setting, { baseDir: folder })

describe('policyFor', () => {
  it.each([
    [join(trial, 'policy'), 'bundle'],
    ['trials/f24c5db5ee831e7a/policy', 'bundle'],
    ['safe-path', 'entry'],
    ['random', 'entry'],
  ])('finds %s', async (use, kind) => {
    expect(await find(use)).toMatchObject({ name: use, kind })
  })

  it.each<[what: string, use: string, code: string, message: string]>([
    [
      'a path that leads nowhere',
      '/nonexistent/policy',
      'ERR_USER_MODULE',
      '/nonexistent/policy: no such file or folder',
    ],
    [
      'a relative one',
      'trials/policy',
      'ERR_USER_MODULE',
      `${join(folder, 'trials/policy')}: no such file or folder; paths are relative to the folder that the command was started in`,
    ],
    [
      "a trial's folder",
      trial,
      'ERR_STORAGE',
      `${trial}: has no policy.json, so it is no policy bundle; give ${join(trial, 'policy')}`,
    ],
    [
      'a folder without a bundle',
      './empty',
      'ERR_STORAGE',
      `${join(folder, 'empty')}: has no policy.json, so it is no policy bundle; give the folder \`policy\` of a trial that is done`,
    ],
    [
      'a name that nobody has, with those that can be made here',
      'xyzzy',
      'ERR_UNKNOWN_NAME',
      'unknown policy "xyzzy" (known: edge-path, safe-path, random, round-robin, threshold)',
    ],
    [
      'a name near one that needs settings',
      'greed',
      'ERR_UNKNOWN_NAME',
      'unknown policy "greed" (known: edge-path, safe-path, random, round-robin, threshold)',
    ],
  ])('refuses %s', async (_, use, code, message) => {
    await expect(find(use)).rejects.toMatchObject({ code, message, exitCode: 2 })
  })
})
