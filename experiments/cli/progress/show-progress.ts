import type { ProgressEvent } from '../../runner/progress.js'
import type { Io } from '../io.js'
import { renderLine, renderLive } from './render.js'
import { RunState } from './run-state.js'

/** Shows a run's events to a person. */
export interface ProgressDisplay {
  accept(event: ProgressEvent): void
  /** A line that stays. */
  note(message: string): void
  /** Leaves the last state standing and draws no more. */
  end(): void
}

const LIVE_MS = 100
const PLAIN_MS = 3000

/** A live block on a terminal; elsewhere plain lines, one every few seconds at most. Both on standard error. */
export async function showProgress(
  io: Io,
  trials: readonly { readonly id: string; readonly steps: number }[],
  now: () => number = () => performance.now(),
): Promise<ProgressDisplay> {
  const state = new RunState(trials)
  return io.stderr.isTTY === true && io.env.TERM !== 'dumb' ? live(io, state, now) : plain(io, state, now)
}

async function live(io: Io, state: RunState, now: () => number): Promise<ProgressDisplay> {
  const { createLogUpdate } = await import('log-update')
  const update = createLogUpdate(io.stderr as NodeJS.WriteStream)
  let drawnAt = Number.NEGATIVE_INFINITY
  const draw = () => {
    drawnAt = now()
    update(renderLive(state, io.stderr.columns || 80, io.stderr.rows || 24))
  }
  const note = (message: string) => {
    update.clear()
    io.stderr.write(`${message}\n`)
    draw()
  }
  return {
    accept: (event) => {
      state.accept(event)
      if (event.type === 'phase') note(event.message)
      else if (event.type !== 'trial' || now() - drawnAt >= LIVE_MS) draw()
    },
    note,
    end: () => {
      if (state.begun) draw()
      update.done()
    },
  }
}

function plain(io: Io, state: RunState, now: () => number): ProgressDisplay {
  let writtenAt = now()
  const write = (line: string) => {
    writtenAt = now()
    io.stderr.write(`${line}\n`)
  }
  return {
    accept: (event) => {
      state.accept(event)
      if (event.type === 'phase') write(event.message)
      else if (now() - writtenAt >= PLAIN_MS) write(renderLine(state))
    },
    note: write,
    end: () => {
      if (state.begun) write(renderLine(state))
    },
  }
}
