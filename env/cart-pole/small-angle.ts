/**
 * Sine and cosine of small angles: the kernels of fdlibm (Sun Microsystems 1993, k_sin.c and k_cos.c), which `Math.sin` and `Math.cos` of
 * V8 end in for such angles, here without the way there. Equal to them bit for bit (tested).
 */

/** rad; the kernels hold below it. */
export const SMALL_ANGLE = 0.3

const S1 = -0.16666666666666632
const S2 = 0.00833333333332249
const S3 = -0.0001984126982985795
const S4 = 2.7557313707070068e-6
const S5 = -2.5050760253406863e-8
const S6 = 1.58969099521155e-10

const C1 = 0.0416666666666666
const C2 = -0.001388888888887411
const C3 = 2.480158728947673e-5
const C4 = -2.7557314351390663e-7
const C5 = 2.087572321298175e-9
const C6 = -1.1359647557788195e-11

/** @param x - rad, |x| < SMALL_ANGLE */
export function smallSin(x: number): number {
  const z = x * x
  return x + z * x * (S1 + z * (S2 + z * (S3 + z * (S4 + z * (S5 + z * S6)))))
}

/** @param x - rad, |x| < SMALL_ANGLE */
export function smallCos(x: number): number {
  const z = x * x
  const r = z * (C1 + z * (C2 + z * (C3 + z * (C4 + z * (C5 + z * C6)))))
  return 1 - (0.5 * z - z * r)
}
