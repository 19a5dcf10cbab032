// What a library computes when it verifies: many have no function that signs, but all have to work out the right signature
// to compare with. Node's own functions are watched for it.
import crypto, { webcrypto } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

const subtle = Object.getPrototypeOf(webcrypto.subtle)

/** Runs fn and returns every keyed hash that was computed meanwhile, as Buffers. */
export async function computed(fn) {
  const { createHmac } = crypto
  const { sign, importKey, verify } = subtle
  const digests = []
  const keys = new WeakMap()

  crypto.createHmac = (...args) => {
    const hmac = createHmac(...args)
    const { digest } = hmac
    hmac.digest = (encoding) => {
      const raw = digest.call(hmac)
      digests.push(raw)
      return encoding ? raw.toString(encoding) : raw
    }
    return hmac
  }
  syncBuiltinESMExports()
  subtle.sign = async function (...args) {
    const raw = await sign.apply(this, args)
    digests.push(Buffer.from(raw))
    return raw
  }
  // Whoever lets verify compare never sees the digest: it is worked out from the key and the text that were handed over.
  subtle.importKey = async function (...args) {
    const key = await importKey.apply(this, args)
    if (args[0] === 'raw') keys.set(key, args[1])
    return key
  }
  subtle.verify = async function (...args) {
    const [, key, , text] = args
    if (key.algorithm.name === 'HMAC') digests.push(createHmac('sha256', Buffer.from(keys.get(key))).update(Buffer.from(text)).digest())
    return verify.apply(this, args)
  }
  try {
    await fn()
  } finally {
    crypto.createHmac = createHmac
    syncBuiltinESMExports()
    Object.assign(subtle, { sign, importKey, verify })
  }
  return digests
}
