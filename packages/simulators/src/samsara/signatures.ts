import { createHash, createHmac } from 'node:crypto'
import type { Cloud } from './cloud.ts'
import type { Asked } from './footage.ts'
import { inputs } from './world.ts'

/** What a signed URL was made for. */
interface Signed {
  readonly path: string
  readonly expiresAt: number
  uses: number
}

const kept = 100_000

/** Names of stored films, and the URLs that were signed for them. */
export class Signatures {
  readonly #objects = new Map<string, Asked>()
  readonly #signed = new Map<string, Signed>()
  readonly #cloud: Cloud
  #number = 0

  constructor(cloud: Cloud) {
    this.#cloud = cloud
  }

  /** A new URL for it, different each time, and when it expires. */
  sign(asked: Asked): { url: string; expiresAt: number } {
    const { clock, switches, hosts } = this.#cloud
    const path = this.#pathOf(asked)
    const now = clock.now()
    const expiresAt = now + switches.urlTtl
    const token = createHash('sha256')
      .update(`token ${++this.#number}`)
      .digest('base64')
    const signature = createHmac('sha256', 'nobody knows').update(`${path} ${now} ${this.#number}`).digest('hex')
    this.#signed.set(signature, { path, expiresAt, uses: 0 })
    if (this.#signed.size > kept) this.#signed.delete(this.#signed.keys().next().value!)
    const date = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')
    const query = new URLSearchParams({
      ...{ 'X-Amz-Algorithm': 'AWS4-HMAC-SHA256', 'X-Amz-Date': date },
      'X-Amz-Credential': `ASIAEXAMPLE/${date.slice(0, 8)}/us-west-2/s3/aws4_request`,
      ...{
        'X-Amz-Expires': String(Math.floor(Math.min(switches.urlTtl, 604_800_000) / 1000)),
        'X-Amz-Security-Token': token,
      },
      ...{ 'X-Amz-SignedHeaders': 'host', 'X-Amz-Signature': signature },
    })
    return { url: `${switches.mediaOrigin === '' ? hosts.media : switches.mediaOrigin}${path}?${query}`, expiresAt }
  }

  /** What is stored there. */
  object(path: string): Asked | undefined {
    return this.#objects.get(path)
  }

  /** Whether a request with this signature may have what is there. */
  check(path: string, query: URLSearchParams): 'good' | 'expired' | 'wrong' {
    const signed = this.#signed.get(query.get('X-Amz-Signature') ?? '')
    if (signed?.path !== path) return 'wrong'
    if (this.#cloud.clock.now() >= signed.expiresAt || signed.uses >= this.#cloud.switches.urlUses) return 'expired'
    signed.uses++
    return 'good'
  }

  #pathOf(asked: Asked): string {
    const { vehicle, input, mediaType, window } = asked
    const name = createHash('sha256')
      .update(`${vehicle.spec.id} ${input} ${mediaType} ${window.end}`)
      .digest('base64url')
    const [which, kind] = [inputs.indexOf(input), mediaType === 'image' ? 'still.jpg' : `${mediaType}.mp4`]
    const path = `/${this.#cloud.world.orgId}/${vehicle.spec.id}/${window.start}/${name.slice(0, 10)}-camera-${which}-${kind}`
    this.#objects.set(path, { vehicle, input, mediaType, window })
    return path
  }
}
