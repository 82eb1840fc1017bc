/** Why a file or folder can't be read, in words. @param error - what the file system threw */
export function whyUnreadable(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file or folder'
  if (code === 'EISDIR') return 'this is a folder, expected a file'
  if (code === 'EACCES' || code === 'EPERM') return 'no permission to read it'
  return message
}
