import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fakeManifest, fakeReferences, writeFakeRun } from '../testing/fake-run.js'
import { temporaryDirectory } from '../testing/temporary-directory.js'
import { readRun } from './run-data.js'
import { RunStore } from './run-store.js'
import type { TrialResult } from './trial-records.js'

const path = temporaryDirectory()
const result: TrialResult = {
  format: 'cadre-trial/1',
  id: 't',
  algorithm: 'joint-q',
  environment: 'full',
  seed: 0,
  status: 'done',
  steps: 10,
  final: 1.5,
  best: 2,
}

describe('RunStore', () => {
  it('gives back what was written', () => {
    const store = writeFakeRun(path('round-trip'), { seeds: 2, evaluations: 3 })
    const run = readRun(path('round-trip'))
    expect(run.manifest).toEqual(fakeManifest({ seeds: 2 }))
    expect(run.references).toEqual(fakeReferences())
    expect(run.trials.map((trial) => trial.plan.id)).toEqual(store.manifest.trials.map((trial) => trial.id))
    expect(store.trialIds()).toEqual(store.manifest.trials.map((trial) => trial.id).sort())
    expect(run.trials[0]!.evaluations).toHaveLength(4)
    expect(run.trials[0]!.evaluations.at(-1)!.score).toBe(run.trials[0]!.result!.final)
    expect(run.trials[0]!.policyView!.panels).toHaveLength(4)
    expect(run.trials[0]!.seconds).toBeCloseTo(0.9, 12)
    expect(store.trial(store.trialIds()[0]!).readMetrics()[0]).toEqual({ step: 0, name: 'epsilon', value: 1 })
  })

  it('writes the same bytes for the same trial, whatever the time', () => {
    const files = (name: string) => {
      const store = writeFakeRun(path(name), { seeds: 1, evaluations: 3, experiment: name })
      const folder = store.trial(store.trialIds()[0]!).directory
      return ['metrics.jsonl', 'evaluations.jsonl', 'trial.json'].map((file) =>
        readFileSync(`${folder}/${file}`, 'utf8'),
      )
    }
    expect(files('first')).toEqual(files('second'))
  })

  it('refuses a directory that is there already, and leaves it as it was', () => {
    mkdirSync(path('taken'))
    writeFileSync(path('taken', 'mine.txt'), 'mine')
    expect(() => RunStore.create(path('taken'), fakeManifest())).toThrowError(
      expect.objectContaining({ code: 'ERR_RUN_STATE', message: expect.stringContaining('already') }),
    )
    expect(readdirSync(path('taken'))).toEqual(['mine.txt'])
  })

  it('refuses a malformed manifest before anything is written', () => {
    const manifest = { ...fakeManifest(), discount: 1.5 }
    expect(() => RunStore.create(path('malformed', 'run'), manifest)).toThrowError(
      expect.objectContaining({ code: 'ERR_RECORD', message: expect.stringContaining('discount') }),
    )
    expect(existsSync(path('malformed'))).toBe(false)
  })

  it('says which trial names an unknown algorithm, and which id comes twice', () => {
    const manifest = fakeManifest({ seeds: 1 })
    const [first, second] = manifest.trials
    const trials = [
      { ...first!, algorithm: 'jointq' },
      { ...second!, id: first!.id },
    ]
    expect(() => RunStore.create(path('unknown'), { ...manifest, trials })).toThrowError(
      /trials\.0\.algorithm: "jointq" is not among algorithms[\s\S]*trials\.1\.id: two trials are called/,
    )
  })

  it('opens run directories only', () => {
    mkdirSync(path('empty'))
    for (const directory of [path('empty'), path('nowhere'), path('file.txt')]) {
      if (directory.endsWith('file.txt')) writeFileSync(directory, '')
      expect(RunStore.exists(directory)).toBe(false)
      expect(() => RunStore.open(directory)).toThrowError(
        expect.objectContaining({ code: 'ERR_RECORD', message: expect.stringContaining('no manifest.json') }),
      )
    }
  })

  it.each(['../outside', 'a/b', '', '.hidden'])('refuses the trial id "%s"', (id) => {
    const store = existsSync(path('ids')) ? RunStore.open(path('ids')) : RunStore.create(path('ids'), fakeManifest())
    expect(() => store.trial(id)).toThrowError(expect.objectContaining({ code: 'ERR_RECORD' }))
  })
})

describe('TrialStore', () => {
  const newTrial = (name: string) => {
    const trial = RunStore.create(path(name), fakeManifest({ seeds: 1 })).trial('t')
    trial.prepare()
    return trial
  }

  it('has nothing before something is written', () => {
    const trial = newTrial('nothing')
    expect([trial.readResult(), trial.readPolicy(), trial.readPolicyView(), trial.readCheckpoint()]).toEqual([
      null,
      null,
      null,
      null,
    ])
    expect(trial.readEvaluations()).toEqual([])
  })

  it('keeps bundles and checkpoints byte for byte, replacing them whole', () => {
    const trial = newTrial('bytes')
    trial.writePolicy({ 'policy.json': '{}', 'old.bin': Uint8Array.of(1) })
    trial.writePolicy({ 'policy.json': '{"a":1}', 'weights.safetensors': Uint8Array.of(0, 255, 10, 13) })
    expect(trial.readPolicy()).toEqual({
      'policy.json': new Uint8Array(Buffer.from('{"a":1}')),
      'weights.safetensors': Uint8Array.of(0, 255, 10, 13),
    })
    trial.writeCheckpoint(Uint8Array.of(1, 2, 3))
    trial.writeCheckpoint(Uint8Array.of(4))
    expect(trial.readCheckpoint()).toEqual(Uint8Array.of(4))
    expect(readdirSync(`${trial.directory}/checkpoint`)).toEqual(['state.bin'])
    trial.removeCheckpoint()
    expect(trial.readCheckpoint()).toBeNull()
    trial.clear()
    expect(existsSync(trial.directory)).toBe(false)
  })

  it('removes what a killed writer left', () => {
    const trial = newTrial('leftovers')
    writeFileSync(`${trial.directory}/.trial.json.tmp`, '{"half')
    mkdirSync(`${trial.directory}/.policy.tmp`)
    trial.prepare()
    expect(readdirSync(trial.directory)).toEqual([])
  })

  it('forgives a line cut short only while the trial is not over', () => {
    const trial = newTrial('partial')
    const whole = '{"step":0,"score":1,"method":"exact","episodes":null}\n'
    writeFileSync(`${trial.directory}/evaluations.jsonl`, `${whole}{"step":5,"sco`)
    expect(trial.readEvaluations()).toHaveLength(1)
    trial.writeResult(result)
    expect(() => trial.readEvaluations()).toThrowError(
      expect.objectContaining({ code: 'ERR_RECORD', message: expect.stringContaining('evaluations.jsonl:2: ') }),
    )
  })

  it.each([
    { line: '{"step":1,"score":"high","method":"exact","episodes":null}', says: 'score: ' },
    { line: '{"step":1,"score":2,"method":"exact"}', says: 'episodes: ' },
    { line: '{"step":-1,"score":2,"method":"exact","episodes":null}', says: 'step: ' },
    { line: '{"step":1,"score":2,"method":"exact","episodes":null,"when":3}', says: 'when' },
    { line: '{"step":1,', says: 'not valid JSON' },
  ])('names file and line of $line', ({ line, says }) => {
    const name = `line-${says.replace(/\W/g, '')}`
    const trial = newTrial(name)
    const good = '{"step":0,"score":1,"method":"exact","episodes":null}'
    writeFileSync(`${trial.directory}/evaluations.jsonl`, `${good}\n${line}\n${good}\n`)
    expect(() => trial.readEvaluations()).toThrowError(
      expect.objectContaining({
        code: 'ERR_RECORD',
        message: expect.stringMatching(new RegExp(`evaluations\\.jsonl:2: .*${says}`)),
      }),
    )
  })

  it('refuses to write a result or a view that could not be read back', () => {
    const trial = newTrial('unwritable')
    expect(() => trial.writeResult({ ...result, final: Number.NaN })).toThrowError(/trial\.json: final: /)
    const panel = { title: '', xLabel: '', yLabel: '', x: ['0', '1'], y: ['0'], choice: [['a']] }
    expect(() => trial.writePolicyView({ title: '', legend: ['a'], panels: [panel] })).toThrowError(/panels\.0\.choice/)
    expect(readdirSync(trial.directory)).toEqual([])
  })
})
