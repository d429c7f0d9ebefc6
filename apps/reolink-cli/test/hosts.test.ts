import { expect, test } from 'vitest'
import { hostOf, hostsOf, shown } from '../src/hosts.ts'

test('a device has an address, and a name where it is given one', () => {
  expect(hostOf('192.0.2.4')).toEqual({ address: '192.0.2.4' })
  expect(hostOf('North gate=https://[2001:db8::4]:8443')).toEqual({
    name: 'North gate',
    address: 'https://[2001:db8::4]:8443',
  })
})

test.each([
  [['gate='], 'has no address'],
  [['=192.0.2.4'], 'has no name'],
  [['gate=192.0.2.4', 'Gate=192.0.2.5'], 'the name "Gate" is there twice'],
  [['gate=192.0.2.4', 'yard=192.0.2.4'], 'the address "192.0.2.4" is there twice'],
])('refused: %s', (texts, says) => {
  expect(() => hostsOf(texts)).toThrow(says)
})

test('an account in an address is refused, and not shown', () => {
  for (const host of ['http://admin:sesame@192.0.2.4', 'gate=admin:sesame@192.0.2.4']) {
    expect(() => hostOf(host)).toThrow(/^(?!.*sesame).*--username/s)
  }
  expect(shown('gate=http://admin:sesame@192.0.2.4')).toBe('gate=http://***@192.0.2.4')
  expect(() => hostOf('http://admin:sesame@=')).toThrow(/^(?!.*sesame)/s)
})
