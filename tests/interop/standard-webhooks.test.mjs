// Standard Webhooks and those who use it: under its own header names, under Svix's, and with readings of the key of their own.
import './lib/setup.mjs'
import crypto, { webcrypto } from 'node:crypto'
import OpenAI from 'openai'
import { validateWebhook } from 'replicate'
import { Resend } from 'resend'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { interop } from './lib/interop.mjs'
import { ed25519, KEY, OTHER, whsec } from './lib/keys.mjs'

const id = 'msg_of_these_tests'
const window = { old: 300, new: 300 }
const headers = (prefix, id, at, signature) => ({ [`${prefix}-id`]: id, [`${prefix}-timestamp`]: String(at), [`${prefix}-signature`]: signature })

/** A request whose signatures have no version before them. */
const unlabelled = (request) => ({ ...request, headers: { ...request.headers, 'webhook-signature': request.headers['webhook-signature'].replace('v1,', '') } })

/** A request whose signatures have another version before them. */
const relabelled = (request) => ({ ...request, headers: { ...request.headers, 'webhook-signature': request.headers['webhook-signature'].replace('v1,', 'v9,') } })

interop({
  library: 'standardwebhooks', scheme: 'standard-webhooks',
  key: whsec(KEY), other: whsec(OTHER), id, window,
  accepts: ({ body, headers }, key) => Boolean(new StandardWebhook(key).verify(body, headers)),
  signs: ({ text }, key, at, id) => headers('webhook', id, at, new StandardWebhook(key).sign(id, new Date(at * 1000), text)),
})

// The prefix of the key may be left away, and items of other versions in the list are skipped.
interop({
  library: 'standardwebhooks', scheme: 'standard-webhooks', note: 'a key without whsec_',
  key: whsec(KEY).slice(6), other: whsec(OTHER).slice(6), id, window,
  accepts: ({ body, headers }, key) => Boolean(new StandardWebhook(key).verify(body, headers)),
  signs: ({ text }, key, at, id) => headers('webhook', id, at, `v1a,AAAA v2,x ${new StandardWebhook(key).sign(id, new Date(at * 1000), text)}`),
})

interop({
  library: 'svix', scheme: 'svix',
  key: whsec(KEY), other: whsec(OTHER), id, window,
  accepts: ({ body, headers }, key) => Boolean(new SvixWebhook(key).verify(body, headers)),
  signs: ({ text }, key, at, id) => headers('svix', id, at, new SvixWebhook(key).sign(id, new Date(at * 1000), text)),
})

// Svix under the names that it also takes.
interop({
  library: 'svix', scheme: 'standard-webhooks',
  key: whsec(KEY), other: whsec(OTHER), id, window,
  accepts: ({ body, headers }, key) => Boolean(new SvixWebhook(key).verify(body, headers)),
  signs: ({ text }, key, at, id) => headers('webhook', id, at, new SvixWebhook(key).sign(id, new Date(at * 1000), text)),
})

const resend = new Resend('re_none')
interop({
  library: 'resend', scheme: 'svix',
  key: whsec(KEY), other: whsec(OTHER), id, window,
  accepts: ({ text, headers }, key) => Boolean(resend.webhooks.verify({
    payload: text, webhookSecret: key,
    headers: { id: headers['svix-id'], timestamp: headers['svix-timestamp'], signature: headers['svix-signature'] },
  })),
  signs: ({ text }, key, at, id) => headers('svix', id, at, new SvixWebhook(key).sign(id, new Date(at * 1000), text)),
})

const openai = new OpenAI({ apiKey: 'none' })
const unwraps = async ({ text, headers }, key) => (await openai.webhooks.verifySignature(text, headers, key)) === undefined
interop({
  library: 'openai', scheme: 'openai',
  key: whsec(KEY), other: whsec(OTHER), id, window,
  accepts: unwraps,
  further: [{ name: 'a signature without v1, before it', request: unlabelled, library: true, whctl: false }],
  quirk: [/openai 6.*without v1,/],
})
interop({
  library: 'openai', scheme: 'openai.raw-secret',
  key: KEY, other: OTHER, id, window,
  accepts: unwraps,
  further: [{ name: 'a signature without v1, before it', request: unlabelled, library: true, whctl: false }],
  quirk: [/openai 6.*without v1,/],
})

interop({
  library: 'replicate', scheme: 'standard-webhooks',
  key: whsec(KEY), other: whsec(OTHER), id,
  accepts: ({ text, headers }, key) => validateWebhook({ body: text, headers }, key, webcrypto),
  further: [{ name: 'a signature of another version', request: relabelled, library: true, whctl: false }],
  quirk: [/replicate 1 .*looks at no time/, /no version/],
})

// No library on npm has the public-key form, so the other side is Node's own ed25519.
const marked = ({ sign, verify, own }) => ({ sign: `whsk_${sign}`, verify: `whpk_${verify}`, own })
const text = ({ headers, text }) => Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`)
const publicKey = (key) => crypto.createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(key.slice(5), 'base64').toString('base64url') } })
interop({
  library: 'node:crypto', scheme: 'standard-webhooks.ed25519',
  key: marked(ed25519('base64')), other: marked(ed25519('base64', { whole: true })), id,
  window,
  accepts: (request, key) => Math.abs(Date.now() / 1000 - request.headers['webhook-timestamp']) <= 300 && request.headers['webhook-signature'].split(' ').some((item) => (
    item.startsWith('v1a,') && crypto.verify(null, text(request), publicKey(key), Buffer.from(item.slice(4), 'base64')))),
  signs: (request, key, at, id) => {
    const unsigned = headers('webhook', id, at, '')
    return { ...unsigned, 'webhook-signature': `v1a,${crypto.sign(null, text({ ...request, headers: unsigned }), key).toString('base64')}` }
  },
})
