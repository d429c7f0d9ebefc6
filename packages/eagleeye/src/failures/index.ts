export * from './classic.ts'
export * from './vendor.ts'
