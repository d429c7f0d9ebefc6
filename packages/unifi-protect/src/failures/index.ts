export * from './login.ts'
export * from './vendor.ts'
