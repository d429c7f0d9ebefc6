export {
  type DigestDay,
  type DigestNotice,
  type DigestOptions,
  type DigestSource,
  digest,
  type RunCounts,
} from './digest/digest.ts'
export { type DigestSchedule, digestDue } from './digest/due.ts'
export {
  type CameraCounts,
  type Failure,
  type Notice,
  type NotifyEvent,
  notifyEvents,
  parseEvents,
  type RunNotice,
} from './notice.ts'
export { createNotifier, type Delivery, type Notifier, type NotifierOptions, type NotifyTimeouts } from './notifier.ts'
export { parseTarget, type TargetOptions } from './parse/parse-target.ts'
export { type Message, renderMessage, type Sender } from './render/message.ts'
export type { CommandTarget, MailTarget, NotifyTarget, PingTarget, WebhookTarget } from './target.ts'
