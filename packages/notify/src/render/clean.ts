import { redact } from '@cam/download-core/source'
import { clipped } from './measures.ts'

/** Longer texts are cut: a camera may be called anything. */
const longest = 2000

/** One line, without control characters, without those that turn the direction of writing, and without secrets. */
export function cleanText(text: string, secrets: readonly string[] = []): string {
  const line = clipped(text, longest * 2).replace(
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g,
    ' ',
  )
  return clipped(redact(Buffer.from(line).toString('utf8'), secrets).trim(), longest)
}

/** The same for every text in a plain object. */
export function cleanTexts<T>(value: T, secrets: readonly string[] = []): T {
  if (typeof value === 'string') return cleanText(value, secrets) as T
  if (Array.isArray(value)) return value.map((one) => cleanTexts(one, secrets)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, cleanTexts(one, secrets)])) as T
}
