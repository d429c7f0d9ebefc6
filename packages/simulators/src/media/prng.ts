/** A tiny deterministic generator (mulberry32): the same seed gives the same numbers on every machine. */
export function randomNumbers(seed: number | string): () => number {
  let state = typeof seed === 'number' ? seed >>> 0 : hashOf(seed)
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}

/** `length` bytes between `low` and `high`, both included. */
export function noise(seed: number | string, length: number, low = 0, high = 255): Uint8Array {
  const next = randomNumbers(seed)
  const span = high - low + 1
  const bytes = new Uint8Array(length)
  for (let index = 0; index < length; index++) bytes[index] = low + (next() % span)
  return bytes
}

/** FNV-1a over the UTF-16 units of the text. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}
