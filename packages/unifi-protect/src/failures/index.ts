export * from './login.ts'
export * from './media.ts'
export * from './vendor.ts'
