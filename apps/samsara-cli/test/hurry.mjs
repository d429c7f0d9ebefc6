// Preloaded into a command line: its time passes a hundred times as fast, so that minutes of polling take seconds.
const factor = 100
const began = { wall: Date.now(), monotonic: performance.now() }
const { setTimeout: wait, setInterval: repeat } = globalThis
const { now: monotonic } = performance
const realNow = Date.now

Date.now = () => Math.floor(began.wall + (realNow() - began.wall) * factor)
performance.now = () => began.monotonic + (monotonic.call(performance) - began.monotonic) * factor
// Connections are given their 20 seconds: on a busy machine a fifth of one is too little.
globalThis.setTimeout = (callback, ms, ...args) => wait(callback, ms === 20_000 ? ms : ms / factor, ...args)
globalThis.setInterval = (callback, ms, ...args) => repeat(callback, ms / factor, ...args)
