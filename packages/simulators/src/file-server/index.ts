export { type Behaviour, behaviourNames } from './behaviours.ts'
export { type FileServer, type FileServerOptions, type FileServerRequest, startFileServer } from './server.ts'
