import type { KeyWords } from '#env/schema-words/issue-message.js'

/** What keys of experiments are called elsewhere. */
const otherNames: ReadonlyMap<string, string> = new Map([
  ['gamma', 'discount'],
  ['discount_factor', 'discount'],
  ['lr', 'learningRate'],
  ['alpha', 'learningRate'],
  ['learning_rate', 'learningRate'],
  ['step_size', 'learningRate'],
  ['epsilon', 'exploration'],
  ['eps', 'exploration'],
  ['timesteps', 'steps'],
  ['total_timesteps', 'steps'],
  ['num_steps', 'steps'],
  ['n_envs', 'rows'],
  ['num_envs', 'rows'],
  ['envs', 'environments'],
  ['env', 'environments'],
  ['algos', 'algorithms'],
  ['agents', 'algorithms'],
  ['horizon', 'limitSteps'],
  ['max_steps', 'limitSteps'],
])

/** What is known of the keys of experiments and team files, for messages. */
export const keyWords: KeyWords = {
  otherNames,
  hintForName: (name) => (/[./\\]/.test(name) ? `; for a file of your own, write \`my-name: { use: ${name} }\`` : ''),
}
