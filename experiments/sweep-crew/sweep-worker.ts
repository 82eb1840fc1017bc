/** A worker of a `SweepCrew`: waits for a sweep, takes chunks of it until none is left, and waits again. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { JacobiSweeps } from '#algorithms/planning/optimality-sweep.js'
import { type CrewMessage, control } from './crew-control.js'
import { takeChunks } from './take-chunks.js'

const port = parentPort!
const state = (workerData as { control: Int32Array }).control
const arrays = new Map<number, Float64Array | Int32Array>()
let numStates = 0
let sweeps: JacobiSweeps | undefined

function receive(): void {
  for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) {
    const message = got.message as CrewMessage
    if ('model' in message) {
      arrays.clear()
      numStates = message.model.numStates
      sweeps = new JacobiSweeps(message.model, message.discount)
    } else arrays.set(message.id, message.array)
  }
}

function work(): void {
  receive()
  const value = arrays.get(state[control.value]!) as Float64Array
  const next = arrays.get(state[control.next]!) as Float64Array
  const policy = arrays.get(state[control.policy]!) as Int32Array
  takeChunks(state, sweeps!, numStates, value, next, policy)
}

port.postMessage('ready')
for (let done = 0; ; ) {
  Atomics.wait(state, control.sweep, done)
  done = Atomics.load(state, control.sweep)
  try {
    work()
  } catch {
    Atomics.store(state, control.failed, 1)
  }
  Atomics.sub(state, control.working, 1)
  Atomics.notify(state, control.working)
}
