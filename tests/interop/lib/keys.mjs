// Keys that say that they are made up.
import crypto from 'node:crypto'

/** Text keys. */
export const KEY = 'not-a-real-key-only-for-these-tests'
export const OTHER = 'another-key-that-is-not-a-real-one'

/** Keys as Standard Webhooks has them: base64 behind whsec_. */
export const whsec = (text) => `whsec_${Buffer.from(text).toString('base64')}`

/**
 * A pair of ed25519 in an encoding: { sign, verify, own } are the private seed (the seed and the public key, with whole),
 * the public key, and Node's own object to sign with.
 */
export function ed25519(encoding, { whole = false } = {}) {
  const own = crypto.generateKeyPairSync('ed25519').privateKey
  const { d, x } = own.export({ format: 'jwk' })
  const [seed, open] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')]
  return { sign: (whole ? Buffer.concat([seed, open]) : seed).toString(encoding), verify: open.toString(encoding), own }
}

/** A pair of ECDSA over P-256: PEM to sign with, base64 of the SPKI to verify with. */
export function p256() {
  const { publicKey, privateKey: own } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { sign: own.export({ format: 'pem', type: 'pkcs8' }), verify: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'), own }
}
