// Tokens and message signatures: what whctl signs is taken by libraries, and what they sign is verified. A changed body is refused by both.
import { spawnSync } from 'node:child_process'
import { createHash, createPrivateKey, createPublicKey, createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { OAuth2Client } from 'google-auth-library'
import { createSigner, createVerifier, httpbis } from 'http-message-signatures'
import * as jose from 'jose'
import jsonwebtoken from 'jsonwebtoken'

const require = createRequire(import.meta.url)
const { verifySignature } = require('@vonage/jwt')
const messagebird = require('messagebird/lib/webhook-signature-jwt')

const url = 'https://hooks.example.test/in?x=1'
const body = '{\n  "id": "evt_1",\n  "note": "Zoë – 10 €"\n}'
const now = Math.floor(Date.now() / 1000)
const hash = (text, how = 'hex') => createHash('sha256').update(text).digest(how)
const file = (name, text) => {
  const at = path.join(process.env.WORK, name)
  fs.writeFileSync(at, text, { mode: 0o600 })
  return at
}
const whctl = (args) => spawnSync(process.env.WHCTL, args, { encoding: 'utf8' })

const pem = (key, type) => key.export({ format: 'pem', type })
const pair = (kind, options) => {
  const { privateKey, publicKey } = generateKeyPairSync(kind, options)
  return { sign: pem(privateKey, 'pkcs8'), verify: pem(publicKey, 'spki') }
}
const secret = randomBytes(32).toString('hex')
const shared = { sign: secret, verify: secret }
const ec = pair('ec', { namedCurve: 'P-256' })
const rsa = pair('rsa', { modulusLength: 2048 })
const ed = pair('ed25519')
const raw = randomBytes(32)
const rawText = { sign: raw.toString('base64'), verify: raw.toString('base64') }
const bearer = (token) => ({ Authorization: `Bearer ${token}` })
const unbearer = (headers) => headers.authorization.replace('Bearer ', '')
const pubsub = { audience: 'https://hooks.example.test/push', email: 'push@project.example.test' }

const messageSignature = (alg, key) => ({
  scheme: `rfc9421.${alg}`, library: 'http-message-signatures', key,
  signs: async (text) => {
    const digest = `sha-256=:${hash(text, 'base64')}:`
    const made = await httpbis.signMessage({
      key: createSigner(alg === 'hmac-sha256' ? raw : createPrivateKey(key.sign), alg, 'key-1'), name: 'sig1',
      fields: ['@method', '@target-uri', 'content-digest'], params: ['created', 'keyid', 'alg'],
    }, { method: 'POST', url, headers: { 'Content-Digest': digest } })
    return made.headers
  },
  accepts: async (text, headers) => {
    const verifier = createVerifier(alg === 'hmac-sha256' ? raw : createPublicKey(key.verify), alg)
    const digest = headers['content-digest'] === `sha-256=:${hash(text, 'base64')}:`
    return digest && await httpbis.verifyMessage({ keyLookup: async () => ({ verify: verifier }) }, { method: 'POST', url, headers })
  },
})

const sides = [
  {
    scheme: 'plaid', library: 'jose', key: ec,
    signs: async (text) => ({
      'Plaid-Verification': await new jose.SignJWT({ request_body_sha256: hash(text) }).setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: 'key-1' }).setIssuedAt(now).sign(await jose.importPKCS8(ec.sign, 'ES256')),
    }),
    accepts: async (text, headers) => {
      const { payload } = await jose.jwtVerify(headers['plaid-verification'], await jose.importSPKI(ec.verify, 'ES256'), { algorithms: ['ES256'], maxTokenAge: '5 min' })
      return payload.request_body_sha256 === hash(text)
    },
  },
  {
    scheme: 'netlify', library: 'jsonwebtoken', key: shared,
    signs: (text) => ({ 'X-Webhook-Signature': jsonwebtoken.sign({ sha256: hash(text), iss: 'netlify' }, secret, { algorithm: 'HS256', noTimestamp: true }) }),
    accepts: (text, headers) => jsonwebtoken.verify(headers['x-webhook-signature'], secret, { issuer: 'netlify', algorithms: ['HS256'] }).sha256 === hash(text),
  },
  {
    scheme: 'vonage', library: '@vonage/jwt', key: shared,
    signs: (text) => bearer(jsonwebtoken.sign({ iat: now, jti: 'id-1', iss: 'Vonage', api_key: 'abc', payload_hash: hash(text) }, secret, { algorithm: 'HS256' })),
    accepts: (text, headers) => verifySignature(unbearer(headers), secret) && jsonwebtoken.decode(unbearer(headers)).payload_hash === hash(text),
  },
  {
    scheme: 'messagebird', library: 'messagebird', key: shared,
    signs: (text) => ({
      'MessageBird-Signature-JWT': jsonwebtoken.sign({ iss: 'MessageBird', nbf: now, exp: now + 60, jti: 'id-1', url_hash: hash(url), payload_hash: hash(text) }, secret, { algorithm: 'HS256', noTimestamp: true }),
    }),
    accepts: (text, headers) => messagebird.verify(url, Buffer.from(text), headers['messagebird-signature-jwt'], createSecretKey(Buffer.from(secret))),
  },
  {
    scheme: 'google-pubsub', library: 'google-auth-library', key: rsa, params: pubsub, uncovered: true,
    signs: () => bearer(jsonwebtoken.sign({ aud: pubsub.audience, email: pubsub.email, email_verified: true, iat: now, exp: now + 3600, iss: 'https://accounts.google.com', sub: '1' }, rsa.sign, { algorithm: 'RS256', keyid: 'key-1' })),
    accepts: async (text, headers) => {
      const ticket = await new OAuth2Client().verifySignedJwtWithCertsAsync(unbearer(headers), { 'key-1': rsa.verify }, pubsub.audience, ['https://accounts.google.com'])
      return ticket.getPayload().email === pubsub.email
    },
  },
  messageSignature('hmac-sha256', rawText),
  messageSignature('ed25519', ed),
  messageSignature('ecdsa-p256-sha256', ec),
]

let failed = 0
const vectors = []
const expect = (what, got, want) => {
  if (got !== want) failed++
  if (!process.argv.includes('--vectors')) console.log(`${got === want ? 'ok  ' : 'FAIL'} ${what}${got === want ? '' : `: ${got}, not ${want}`}`)
}
const lower = (headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
const attempt = async (side, text, headers) => {
  try {
    return (await side.accepts(text, headers)) === true ? 'valid' : 'refused'
  } catch {
    return 'refused'
  }
}
const params = (side, more = {}) => Object.entries({ ...side.params, ...more }).flatMap(([name, value]) => ['--param', `${name}=${value}`])
const explain = (side, text, headers, { at = url, method = 'POST' } = {}) => {
  const lines = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const out = whctl(['verify', file('body', text), '--scheme', side.scheme, '--secret-file', file('verify', side.key.verify), '--url', at, '--method', method, ...params(side), ...lines, '-o', 'json'])
  return out.stdout ? JSON.parse(out.stdout) : { verdict: { reason: out.stderr }, findings: [] }
}
const verify = (side, text, headers) => explain(side, text, headers).verdict.reason

/** What is changed on the way of a message signature, and the finding that names it. */
const changes = [
  ['the method', { method: 'PUT' }, 'signature.component.method'],
  ['http in the URL', { at: url.replace('https:', 'http:') }, 'text.url.https'],
  ['a slash more', { at: url.replace('/in?', '/in/?') }, 'text.url.slash'],
  ['no query', { at: url.replace('?x=1', '') }, undefined],
  ['Content-Digest', { headers: { 'Content-Digest': `sha-512=:${createHash('sha512').update(body).digest('base64')}:` } }, 'signature.component.content-digest'],
]

for (const side of sides) {
  const name = `${side.library} · ${side.scheme}`
  const other = side.uncovered ? 'valid' : 'mismatch'
  const theirs = await side.signs(body)
  expect(`${name}: whctl takes what it signs`, verify(side, body, theirs), 'valid')
  expect(`${name}: whctl and another body`, verify(side, `${body} `, theirs), other)
  const made = whctl(['sign', file('body', body), '--scheme', side.scheme, '--secret-file', file('sign', side.key.sign), '--to', url, '--method', 'POST', '--id', 'id-1', ...params(side, { kid: 'key-1', keyid: 'key-1' }), '--format', 'headers'])
  const ours = lower(Object.fromEntries(made.stdout.trim().split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2))))
  expect(`${name}: it takes what whctl signs`, await attempt(side, body, ours), 'valid')
  expect(`${name}: it and another body`, await attempt(side, `${body} `, ours), side.uncovered ? 'valid' : 'refused')
  for (const [what, { headers, ...request }, finding] of side.scheme.startsWith('rfc9421') ? changes : []) {
    expect(`${name}: changed on its way: ${what}`, explain(side, body, { ...theirs, ...headers }, request).findings[0]?.id, finding)
  }
  const vector = { scheme: side.scheme, tier: 'core', source: side.library, secret: side.key.verify, headers: theirs, method: 'POST', url, params: side.params, now, unsigned: true }
  vectors.push({ id: `proofs/${side.scheme}/valid`, ...vector, body, expect: 'valid' })
  vectors.push({ id: `proofs/${side.scheme}/other-body`, ...vector, body: '{}', ...(side.uncovered ? { expect: 'valid' } : { expect: 'invalid', reason: 'signature' }) })
  vectors.push({ id: `proofs/${side.scheme}/late`, ...vector, body, now: now + 10800, ...(side.scheme === 'netlify' ? { expect: 'valid' } : { expect: 'invalid', reason: 'timestamp' }) })
}
if (process.argv.includes('--vectors')) console.log(JSON.stringify(vectors, null, 1))
else console.log(`${sides.length} libraries and schemes, ${failed} failed`)
process.exitCode = failed ? 1 : 0
