import { describe, expect, it } from 'vitest'
import { listenForSignals } from '../src/interruption.ts'
import { signalSource } from './streams.ts'

function listen() {
  const signals = signalSource()
  const said: string[] = []
  const exits: number[] = []
  const interruption = listenForSignals(
    signals,
    (text) => said.push(text),
    (code) => exits.push(code),
  )
  return { signals, said, exits, interruption }
}

describe('signals', () => {
  it('the first Ctrl-C is gentle, the second ends at once, the third does not wait', () => {
    const { signals, said, exits, interruption } = listen()
    interruption.gentle = true
    signals.emit('SIGINT')
    expect([interruption.stop.aborted, interruption.abort.aborted, interruption.exitCode]).toEqual([true, false, 130])
    expect(said.join('\n')).toMatch(/Finishing what is being transferred[\s\S]*Press Ctrl\+C again/)
    signals.emit('SIGINT')
    expect([interruption.abort.aborted, interruption.exitCode, exits]).toEqual([true, 130, []])
    signals.emit('SIGINT')
    expect(exits).toEqual([130])
  })

  it('the first Ctrl-C ends at once while there is nothing to finish', () => {
    const { signals, interruption } = listen()
    signals.emit('SIGINT')
    expect([interruption.stop.aborted, interruption.abort.aborted]).toEqual([true, true])
  })

  it('SIGTERM ends at once, with a code of its own', () => {
    const { signals, interruption } = listen()
    interruption.gentle = true
    signals.emit('SIGTERM')
    expect([interruption.stop.aborted, interruption.abort.aborted, interruption.exitCode]).toEqual([true, true, 143])
  })

  it('promise no next run where nothing is fetched', () => {
    for (const signal of ['SIGINT', 'SIGTERM']) {
      const signals = signalSource()
      const said: string[] = []
      listenForSignals(
        signals,
        (text) => said.push(text),
        () => {},
        false,
      )
      signals.emit(signal)
      expect(said).toEqual([signal === 'SIGINT' ? 'Stopping at once.' : 'Terminated.'])
    }
  })

  it('are left alone once the run is over', () => {
    const { signals, interruption } = listen()
    interruption.close()
    expect(signals.listenerCount('SIGINT') + signals.listenerCount('SIGTERM')).toBe(0)
    expect(interruption.exitCode).toBeUndefined()
  })
})
