import type { Call, Headers } from './call.ts'

/** An error as S3 has it. */
export function xmlError(
  { exchange }: Call,
  status: number,
  code: string,
  message: string,
  headers: Headers = {},
): Promise<void> {
  const id = `TX${String(exchange.entry.number).padStart(14, '0')}`
  return exchange.reply(status, {
    headers: { 'Content-Type': 'application/xml', 'x-amz-request-id': id, Server: 'AmazonS3', ...headers },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>${id}</RequestId></Error>`,
  })
}
