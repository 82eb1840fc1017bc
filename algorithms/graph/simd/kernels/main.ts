import * as code from '../opcodes'
import { adam } from './adam'
import { binary, cast, compare, unary, where } from './elementwise'
import { gather, gatherRows, scatter, scatterAddRows, softmax } from './indexing'
import { matmul } from './matmul'
import { copy1, copy4, fill } from './moving'
import { argmax, max, sum } from './reducing'

/** Runs the commands of a table, one after the other. */
export function run(table: usize, end: usize): void {
  for (let at = table; at < end; at += load<i32>(at, 4) << 2) {
    switch (load<i32>(at)) {
      case code.neg:
        unary(code.neg, at)
        break
      case code.exp:
        unary(code.exp, at)
        break
      case code.log:
        unary(code.log, at)
        break
      case code.sqrt:
        unary(code.sqrt, at)
        break
      case code.square:
        unary(code.square, at)
        break
      case code.abs:
        unary(code.abs, at)
        break
      case code.sign:
        unary(code.sign, at)
        break
      case code.relu:
        unary(code.relu, at)
        break
      case code.tanh:
        unary(code.tanh, at)
        break
      case code.sigmoid:
        unary(code.sigmoid, at)
        break
      case code.clamp:
        unary(code.clamp, at)
        break
      case code.huber:
        unary(code.huber, at)
        break
      case code.add:
        binary(code.add, at)
        break
      case code.sub:
        binary(code.sub, at)
        break
      case code.mul:
        binary(code.mul, at)
        break
      case code.div:
        binary(code.div, at)
        break
      case code.maximum:
        binary(code.maximum, at)
        break
      case code.minimum:
        binary(code.minimum, at)
        break
      case code.reluGradient:
        binary(code.reluGradient, at)
        break
      case code.tanhGradient:
        binary(code.tanhGradient, at)
        break
      case code.sigmoidGradient:
        binary(code.sigmoidGradient, at)
        break
      case code.compare:
        compare(at)
        break
      case code.where:
        where(at)
        break
      case code.cast:
        cast(at)
        break
      case code.copy4:
        copy4(at)
        break
      case code.copy1:
        copy1(at)
        break
      case code.fill:
        fill(at)
        break
      case code.sum:
        sum(at)
        break
      case code.max:
        max(at)
        break
      case code.argmax:
        argmax(at)
        break
      case code.gather:
        gather(at)
        break
      case code.scatter:
        scatter(at)
        break
      case code.gatherRows:
        gatherRows(at)
        break
      case code.scatterAddRows:
        scatterAddRows(at)
        break
      case code.softmax:
        softmax(at)
        break
      case code.matmul:
        matmul(at)
        break
      case code.adam:
        adam(at)
        break
      default:
        unreachable()
    }
  }
}
