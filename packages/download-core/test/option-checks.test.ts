import { describe, expect, it } from 'vitest'
import {
  functionsOption,
  kindOf,
  type NumberBounds,
  numberOption,
  objectOption,
  oneOfOption,
  retryOption,
  textOption,
  timeoutsOption,
  withoutUndefined,
} from '../src/footage/option-checks.ts'

describe('options', () => {
  it('that fit are taken', () => {
    expect(numberOption('n', 5, { least: 5, most: 5, whole: true })).toBe(5)
    expect(numberOption('n', 0.1, { above: 0 })).toBe(0.1)
    expect(numberOption('n', undefined, { least: 1 })).toBeUndefined()
    expect(oneOfOption('o', 2, [1, 2])).toBe(2)
    expect(textOption('t', ' ')).toBe(' ')
    objectOption('o', {})
    functionsOption('f', undefined, ['load'])
    functionsOption('f', { load() {} }, ['load'])
    timeoutsOption({ idleMs: 1, connectMs: undefined, other: 'x' })
    retryOption({ retries: 0 })
    expect(withoutUndefined({ a: undefined, b: null, c: 0 })).toEqual({ b: null, c: 0 })
  })

  it.each<[unknown, NumberBounds, typeof TypeError | typeof RangeError, string]>([
    ['5', { least: 0 }, TypeError, 'must be a number; received a value of type string.'],
    [null, { least: 0 }, TypeError, 'must be a number; received null.'],
    [-1, { least: 0 }, RangeError, 'must be 0 or more; received -1.'],
    [Number.NaN, { least: 0 }, RangeError, 'must be 0 or more; received NaN.'],
    [Number.POSITIVE_INFINITY, { above: 0 }, RangeError, 'must be above 0; received Infinity.'],
    [0, { above: 0 }, RangeError, 'must be above 0; received 0.'],
    [4, { least: 1, most: 3 }, RangeError, 'must be from 1 to 3; received 4.'],
    [1.5, { least: 1, most: 3, whole: true }, RangeError, 'must be a whole number from 1 to 3; received 1.5.'],
  ])('%s is no number within %o', (value, bounds, kind, said) => {
    expect(() => numberOption('n', value, bounds)).toThrow(new kind(`The option n ${said}`))
  })

  it.each<[() => unknown, typeof TypeError | typeof RangeError, string]>([
    [() => oneOfOption('o', 'c', ['a', 'b']), RangeError, 'o must be one of a, b; received "c".'],
    [() => oneOfOption('o', undefined, ['a']), RangeError, 'o must be one of a; received undefined.'],
    [() => oneOfOption('o', { a: 1 }, ['a']), RangeError, 'o must be one of a; received a value of type object.'],
    [() => textOption('t', 7), TypeError, 't must be a string; received a value of type number.'],
    [() => textOption('t', ''), RangeError, 't must not be empty; received "".'],
    [() => objectOption('x', []), TypeError, 'x must be an object; received an array.'],
    [
      () => functionsOption('f', { load: 1 }, ['load']),
      TypeError,
      'f must have the function load; received a value of type object without it.',
    ],
    [() => functionsOption('f', null, ['load']), TypeError, 'f must have the function load; received null without it.'],
    [() => timeoutsOption('5'), TypeError, 'timeouts must be an object; received a value of type string.'],
    [() => timeoutsOption({ tlsMs: 0 }), RangeError, 'timeouts.tlsMs must be above 0; received 0.'],
    [() => retryOption(null), TypeError, 'retry must be an object; received null.'],
    [() => retryOption({ delayMs: -1 }), RangeError, 'retry.delayMs must be 0 or more; received -1.'],
  ])('that do not fit are refused by name: %s', (check, kind, said) => {
    expect(check).toThrow(new kind(`The option ${said}`))
    expect(check).toThrow(kind)
  })

  it('are told in words that show nothing of them', () => {
    expect([undefined, null, [], 'secret', 1n].map(kindOf)).toEqual([
      'undefined',
      'null',
      'an array',
      'a value of type string',
      'a value of type bigint',
    ])
  })
})
