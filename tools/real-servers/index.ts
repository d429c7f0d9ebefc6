/** Servers that nobody here wrote, started for tests where they are installed. */
export { account } from './accounts.ts'
export { type ApacheDigest, startApacheDigest } from './apache.ts'
export { type LighttpdDigest, startLighttpdDigest } from './lighttpd.ts'
export { missing } from './run.ts'
