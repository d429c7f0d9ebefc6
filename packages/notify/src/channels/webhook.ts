import type { WebhookTarget } from '../target.ts'
import type { Post } from './post.ts'

/** Posts the notice as JSON. `id` is the same in each try, so that a receiver can tell a repetition. */
export async function callWebhook(target: WebhookTarget, json: object, id: string, post: Post): Promise<void> {
  await post({
    url: target.url,
    headers: { 'content-type': 'application/json', 'idempotency-key': id, ...target.headers },
    body: JSON.stringify({ ...json, id }),
  })
}
