import type { Command } from 'commander'
import type { CommandLine } from './command-line.js'

/** A command's name, and how to load the function that adds it to the program. */
export interface CommandEntry {
  readonly name: string
  load(): Promise<(program: Command, line: CommandLine) => void>
}

/** Every command, in the order of the help text. */
export const commands: readonly CommandEntry[] = [
  { name: 'envs', load: async () => (await import('./commands/lists.js')).addEnvs },
  { name: 'algorithms', load: async () => (await import('./commands/lists.js')).addAlgorithms },
  { name: 'train', load: async () => (await import('./commands/train.js')).addTrain },
  { name: 'bench', load: async () => (await import('./commands/bench.js')).addBench },
  { name: 'solve', load: async () => (await import('./commands/solve.js')).addSolve },
  { name: 'check', load: async () => (await import('./commands/check.js')).addCheck },
  { name: 'verify', load: async () => (await import('./commands/verify.js')).addVerify },
  { name: 'plot', load: async () => (await import('./commands/plot.js')).addPlot },
  { name: 'report', load: async () => (await import('./commands/report.js')).addReport },
  { name: 'runs', load: async () => (await import('./commands/runs.js')).addRuns },
  { name: 'gc', load: async () => (await import('./commands/gc.js')).addGc },
  { name: 'serve', load: async () => (await import('./commands/serve.js')).addServe },
  { name: 'simulate', load: async () => (await import('./commands/simulate.js')).addSimulate },
  { name: 'replay', load: async () => (await import('./commands/replay.js')).addReplay },
  { name: 'understand', load: async () => (await import('./commands/understand.js')).addUnderstand },
  { name: 'ask', load: async () => (await import('./commands/ask.js')).addAsk },
  { name: 'chat', load: async () => (await import('./commands/chat.js')).addChat },
  { name: 'agent', load: async () => (await import('./commands/agent.js')).addAgent },
  { name: 'explain', load: async () => (await import('./commands/explain.js')).addExplain },
  { name: 'calibrate', load: async () => (await import('./commands/calibrate.js')).addCalibrate },
  { name: 'knowledge', load: async () => (await import('./commands/knowledge.js')).addKnowledge },
  { name: 'data', load: async () => (await import('./commands/data.js')).addData },
  { name: 'doctor', load: async () => (await import('./commands/doctor.js')).addDoctor },
]
