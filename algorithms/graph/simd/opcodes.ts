/**
 * Numbers of the kernels in a table of commands, for both sides of it: the plan writes them, the kernels (AssemblyScript) read them. Plain
 * constants, which both compilers understand.
 */
export const neg = 0
export const exp = 1
export const log = 2
export const sqrt = 3
export const square = 4
export const abs = 5
export const sign = 6
export const relu = 7
export const tanh = 8
export const sigmoid = 9
export const clamp = 10
export const huber = 11
export const add = 12
export const sub = 13
export const mul = 14
export const div = 15
export const maximum = 16
export const minimum = 17
export const reluGradient = 18
export const tanhGradient = 19
export const sigmoidGradient = 20
export const compare = 21
export const where = 22
export const cast = 23
export const copy4 = 24
export const copy1 = 25
export const fill = 26
export const sum = 27
export const max = 28
export const argmax = 29
export const gather = 30
export const scatter = 31
export const gatherRows = 32
export const scatterAddRows = 33
export const softmax = 34
export const matmul = 35
export const adam = 36

/** Words before those of a kernel's own: its number, and how many words the command has. */
export const head = 2
/** Words of an axis of a strided loop: its length, three strides in bytes, a counter that the kernel uses. */
export const axisWords = 5

/** Types of numbers. */
export const f32Type = 0
export const i32Type = 1
export const u8Type = 2

/** Comparisons. */
export const isGreater = 0
export const isGreaterEqual = 1
export const isEqual = 2

/** Matrix products are added up over blocks of this many, so that what a block needs stays in the nearest cache. */
export const blockK = 128

/** Where the command that met a bad index or an empty mask is told: its address, 0 for none; behind it the index. */
export const faultAt = 64
/** Bytes that stay zero, read as the start of a sum. */
export const zerosAt = 128
/** From where on memory is handed out. */
export const firstFree = 1024
