import { ConfigError } from '#env/errors.js'
import { readUserText } from '../data/read-text.js'
import { ConfigDocument } from './config-document.js'

/**
 * The document in a file.
 * @throws ConfigError when it can't be read or isn't YAML
 */
export function readDocument(file: string): ConfigDocument {
  let read: ReturnType<typeof readUserText>
  try {
    read = readUserText(file)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason =
      code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'this is a folder, expected a YAML file' : message
    throw new ConfigError([{ path: '', message: reason, file }])
  }
  if ('problem' in read) throw new ConfigError([{ path: '', message: read.problem, file }])
  return ConfigDocument.parse(read.text, file)
}
