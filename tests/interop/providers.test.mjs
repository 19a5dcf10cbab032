// Providers with libraries of their own that came into the catalogue later: both ways, as the others.
import './lib/setup.mjs'
import crypto from 'node:crypto'
import { createRequire } from 'node:module'
import { verifyWebhook as clerk } from '@clerk/backend/webhooks'
import ImageKit from '@imagekit/nodejs'
import * as lightspark from '@lightsparkdev/lightspark-sdk'
import { WebhookHandler } from '@liveblocks/node'
import Metronome from '@metronome/sdk'
import * as portone from '@portone/server-sdk/webhook'
import { encodeSignatureHeader, isValidSignature } from '@sanity/webhook'
import Finch from '@tryfinch/finch-api'
import Whop from '@whop/sdk'
import DodoPayments from 'dodopayments'
import Lithic from 'lithic'
import ModernTreasury from 'modern-treasury'
import { Retell } from 'retell-sdk'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import { StreamChat } from 'stream-chat'
import { interop } from './lib/interop.mjs'
import { KEY, OTHER, whsec } from './lib/keys.mjs'

const require = createRequire(import.meta.url)
const id = 'msg_of_these_tests'
const window = { old: 300, new: 300 }
const accepted = (answer) => answer !== undefined && answer !== null

/** What a provider sends that signs as Standard Webhooks. */
const standard = (prefix, form) => ({ text }, key, at, id) => ({
  [`${prefix}-id`]: id, [`${prefix}-timestamp`]: String(at),
  [`${prefix}-signature`]: new StandardWebhook(key, form).sign(id, new Date(at * 1000), text),
})

// --- Standard Webhooks and Svix, each by its own name and library
const whs = { key: whsec(KEY), other: whsec(OTHER), id, window, signs: standard('webhook') }

interop({
  ...whs, library: '@clerk/backend', scheme: 'clerk', signs: standard('svix'),
  accepts: async ({ text, headers }, key) => accepted(await clerk(new Request('https://hooks.example.test', { method: 'POST', headers, body: text }), { signingSecret: key })),
})
interop({ ...whs, library: 'dodopayments', scheme: 'dodopayments', accepts: ({ text, headers }, key) => accepted(new DodoPayments({ bearerToken: 'none', webhookKey: key }).webhooks.unwrap(text, { headers })) })
interop({ ...whs, library: 'lithic', scheme: 'lithic', accepts: ({ text, headers }, key) => accepted(new Lithic({ apiKey: 'none', webhookSecret: key }).webhooks.unwrap(text, headers)) })
interop({ ...whs, library: '@whop/sdk', scheme: 'whop', accepts: ({ text, headers }, key) => accepted(new Whop({ apiKey: 'none', webhookKey: key }).webhooks.unwrap(text, { headers })) })
interop({ ...whs, library: '@portone/server-sdk', scheme: 'portone', accepts: async ({ text, headers }, key) => accepted(await portone.verify(key, text, headers)) })

const rooms = {
  compact: '{"id":"evt_1","type":"storageUpdated","data":{"roomId":"Zoë – 10 €"}}',
  spaced: '{\n  "id": "evt_1",\n  "type": "storageUpdated", "amount": 10.50\n}\n',
}
interop({ ...whs, library: '@liveblocks/node', scheme: 'liveblocks', bodies: rooms, accepts: ({ text, headers }, key) => accepted(new WebhookHandler(key).verifyRequest({ headers, rawBody: text })) })

// The key is plain text.
const raw = { key: KEY, other: OTHER, id, window, signs: standard('webhook', { format: 'raw' }) }
interop({ ...raw, library: '@imagekit/nodejs', scheme: 'imagekit', accepts: ({ text, headers }, key) => accepted(new ImageKit({ privateKey: 'none', webhookSecret: key }).webhooks.unwrap(text, { headers })) })

const finch = (key) => new Finch({ accessToken: 'none', webhookSecret: key })
interop({
  library: '@tryfinch/finch-api', scheme: 'finch', key: whsec(KEY).slice(6), other: whsec(OTHER).slice(6), id, window,
  accepts: ({ text, headers }, key) => accepted(finch(key).webhooks.unwrap(text, headers)),
  signs: ({ text }, key, at, id) => ({
    'finch-event-id': id, 'finch-timestamp': String(at),
    'finch-signature': finch(key).webhooks.signPayload(text, { eventId: id, timestamp: new Date(at * 1000), secret: Buffer.from(key, 'base64') }),
  }),
})

// --- a time beside the signature
const metronome = (key) => new Metronome({ bearerToken: 'none', webhookSecret: key })
interop({
  library: '@metronome/sdk', scheme: 'metronome', key: KEY, other: OTHER, window,
  accepts: ({ text, headers }, key) => accepted(metronome(key).webhooks.unwrap(text, headers)),
  signs: ({ text }, key, at) => {
    const date = new Date(at * 1000).toUTCString()
    return { 'x-metronome-date': date, 'metronome-webhook-signature': metronome(key).webhooks.signPayload(text, { date, secret: key }) }
  },
})
interop({
  library: '@sanity/webhook', scheme: 'sanity', key: KEY, other: OTHER,
  rotation: [false, false],
  quirk: [/@sanity\/webhook 4 \(npm\) .*one signature/],
  accepts: ({ text, headers }, key) => isValidSignature(text, headers['sanity-webhook-signature'], key),
  signs: async ({ text }, key, at) => ({ 'sanity-webhook-signature': await encodeSignatureHeader(text, at * 1000, key) }),
})
interop({
  library: 'retell-sdk', scheme: 'retell', key: KEY, other: OTHER, window, upperHex: true,
  rotation: [false, false],
  quirk: [/retell-sdk 5 \(npm\) .*one signature/],
  accepts: ({ text, headers }, key) => Retell.verify(text, key, headers['x-retell-signature']),
})

// --- the body alone
interop({
  library: 'modern-treasury', scheme: 'modern-treasury', key: KEY, other: OTHER,
  accepts: ({ text, headers }, key) => new ModernTreasury({ apiKey: 'none', organizationID: 'none', webhookKey: key }).webhooks.validateSignature(text, headers),
  signs: ({ text }, key) => ({ 'x-signature': new ModernTreasury({ apiKey: 'none', organizationID: 'none', webhookKey: key }).webhooks.getSignature(text) }),
})
// A client signs a token of its own when it is made, so both are made before anything is watched.
const streams = { [KEY]: new StreamChat('none', KEY), [OTHER]: new StreamChat('none', OTHER) }
interop({ library: 'stream-chat', scheme: 'getstream', key: KEY, other: OTHER, accepts: ({ text, headers }, key) => streams[key].verifyWebhook(text, headers['x-signature']) })
interop({
  library: '@lightsparkdev/lightspark-sdk', scheme: 'lightspark', key: KEY, other: OTHER, upperHex: true,
  accepts: async ({ body, headers }, key) => accepted(await lightspark.verifyAndParseWebhook(body, headers['lightspark-signature'], key)),
  signs: ({ body }, key) => ({ 'lightspark-signature': crypto.createHmac('sha256', key).update(body).digest('hex') }),
})

// Its library writes weights as the provider signs them, so there is none in these bodies.
const EasyPost = require('@easypost/api')
const easypost = new (EasyPost.default ?? EasyPost)('none')
interop({
  library: '@easypost/api', scheme: 'easypost', key: KEY, other: OTHER,
  accepts: ({ body, headers }, key) => accepted(easypost.Utils.validateWebhook(body, headers, key)),
})

// --- the URL
const signalwire = require('./node_modules/@signalwire/compatibility-api/lib/webhooks/webhooks.js') // which its exports hide in part
const form = { compact: 'To=%2B15550001&From=%2B15550002&Body=evt_1', spaced: 'Body=two+words&Empty=&To=%2B1' }
const fields = (text) => Object.fromEntries(new URLSearchParams(text))
interop({
  library: '@signalwire/compatibility-api', scheme: 'signalwire', key: KEY, other: OTHER, bodies: form,
  url: 'https://hooks.example.test/in?x=1', headers: { 'content-type': 'application/x-www-form-urlencoded' },
  tampered: [{ name: 'one field', body: 'compact', change: (text) => text.replace('evt_1', 'evt_2') }],
  accepts: ({ text, headers, url }, key) => signalwire.validateRequest(key, headers['x-signalwire-signature'], url, fields(text)),
  signs: ({ text, url }, key) => ({ 'x-signalwire-signature': signalwire.getExpectedTwilioSignature(key, url, fields(text)) }),
})
