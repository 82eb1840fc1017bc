import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Rng } from '#env/rng.js'
import { type Ended, startCli } from './compiled-cli.js'

/** What an output folder holds at a moment. */
export interface FolderState {
  /** Whether the run's manifest is there. */
  readonly made: boolean
  /** Files that are being written: beside their final names. */
  readonly unfinished: number
  /** When the newest checkpoint was written; 0 where there is none. */
  readonly checkpointMs: number
  /** Trials with a trial.json. */
  readonly done: number
}

/** When to kill a process: so long after it has come so far. */
export interface Moment {
  readonly after: keyof typeof milestones
  readonly delayMs: number
}

/** How far a process must have come, told by what it found when it started (`then`) and what is there `now`. */
const milestones = {
  starting: () => true,
  made: (_then: FolderState, now: FolderState) => now.made,
  checkpoint: (then: FolderState, now: FolderState) => now.checkpointMs > then.checkpointMs,
  writing: (then: FolderState, now: FolderState) => now.unfinished > 0 && now.checkpointMs > then.checkpointMs,
  trial: (then: FolderState, now: FolderState) => now.done > then.done,
  end: (_then: FolderState, now: FolderState, trials: number) => now.done === trials,
}

/** Longest delays, milliseconds: about what the step that follows takes. */
const spreadMs: Record<keyof typeof milestones, number> = {
  starting: 400,
  made: 150,
  checkpoint: 60,
  writing: 0,
  trial: 100,
  end: 40,
}

/** The order in which one run is killed again and again: each milestone lies behind the one before. */
export const killOrder = ['starting', 'made', 'checkpoint', 'writing', 'trial', 'writing', 'end'] as const

/** A moment somewhere after a milestone. */
export function drawMoment(after: Moment['after'], rng: Rng): Moment {
  return { after, delayMs: rng.uniform() * spreadMs[after] }
}

/** What there is in an output folder now. */
export function folderState(outDir: string): FolderState {
  const entries = listing(outDir)
  const named = (name: string) => entries.filter((path) => basename(path) === name)
  const times = named('state.bin').map((path) => statSync(`${outDir}/${path}`, { throwIfNoEntry: false })?.mtimeMs ?? 0)
  return {
    made: named('manifest.json').length > 0,
    unfinished: entries.filter((path) => path.endsWith('.tmp')).length,
    checkpointMs: Math.max(0, ...times),
    done: named('trial.json').length,
  }
}

/** Paths of everything in a folder that somebody else is writing: what vanishes meanwhile is looked for again. */
function listing(folder: string): string[] {
  for (;;) {
    try {
      return existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}

/**
 * Starts a command and kills it (SIGKILL, that process alone) at a moment, unless it ends before.
 * @param trials - how many trials its run has
 * @returns how it ended, what was there when the milestone was seen, and what it left behind
 */
export async function killAt(
  moment: Moment,
  argv: readonly string[],
  outDir: string,
  trials: number,
): Promise<Ended & { readonly seen: FolderState; readonly left: FolderState }> {
  const then = folderState(outDir)
  const { child, ended } = startCli(argv)
  let seen = then
  while (child.exitCode === null && !milestones[moment.after](then, seen, trials)) {
    await sleep(1)
    seen = folderState(outDir)
  }
  await sleep(moment.delayMs)
  child.kill('SIGKILL')
  return { ...(await ended), seen, left: folderState(outDir) }
}
