// What every app calls with what it takes for the raw bytes.
import crypto from 'node:crypto'

export const PORT = Number(process.env.PORT)

export function verify(raw, headers) {
  const signature = headers.get?.('x-signature') ?? headers['x-signature']
  return Buffer.isBuffer(raw) && crypto.createHmac('sha256', process.env.KEY).update(raw).digest('hex') === signature
}
