import { describe, expect, it } from 'vitest'
import { failedToLoad, isInstalled, libraryProblem } from './backend-loader.js'

describe('what a backend needs', () => {
  it('is a package that can be found', () => {
    expect(isInstalled('@tensorflow/tfjs-core')).toBe(true)
    expect(isInstalled('@tensorflow/tfjs-of-tomorrow')).toBe(false)
  })

  it.skipIf(process.platform !== 'linux')(
    'is a library of the system that loads (skipped elsewhere than on Linux)',
    () => {
      expect(libraryProblem('libm.so.6')).toBeUndefined()
      expect(libraryProblem('libnot-here.so.1')).toMatch(/^libnot-here\.so\.1: cannot open shared object file/)
    },
  )

  it('is told by the first line of an error', () => {
    const error = new Error('no such addon at path: /x/y.node. \nPlease run npm rebuild')
    expect(failedToLoad('some-package', error)).toEqual({
      reason: 'package some-package failed to load: no such addon at path: /x/y.node',
    })
    expect(failedToLoad('some-package', 'gone')).toEqual({ reason: 'package some-package failed to load: gone' })
  })
})
