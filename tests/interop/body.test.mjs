// Providers that sign the body and nothing else.
import './lib/setup.mjs'
import { hmacValidator as AdyenValidator } from '@adyen/api-library'
import { verifyWebhookSignature as hookdeck } from '@hookdeck/sdk/webhooks/helpers.js'
import { validateSignature as line } from '@line/bot-sdk'
import { LinearWebhookClient } from '@linear/sdk/webhooks'
import * as octokit from '@octokit/webhooks-methods'
import { WebhookEventVerifier as Onfido } from '@onfido/api'
import coinbase from 'coinbase-commerce-node'
import * as gocardless from 'gocardless-nodejs'
import { MailerSendUtils } from 'mailersend/lib/services/mailersend.utils.js'
import { SignatureValidator as Mollie } from 'mollie-api-typescript'
import * as octokit3 from 'octokit-webhooks-methods-3'
import Pusher from 'pusher'
import Razorpay from 'razorpay'
import XHub from 'x-hub-signature'
import { interop } from './lib/interop.mjs'
import { KEY, OTHER } from './lib/keys.mjs'

const key = KEY
const other = OTHER

interop({
  library: '@octokit/webhooks-methods', scheme: 'github', key, other,
  accepts: ({ text, headers }, key) => octokit.verify(key, text, headers['x-hub-signature-256'] ?? ''),
  signs: async ({ text }, key) => ({ 'x-hub-signature-256': await octokit.sign(key, text) }),
})
// The last major version that knew the older header.
interop({
  library: 'octokit-webhooks-methods-3', scheme: 'github.sha1', key, other,
  accepts: ({ text, headers }, key) => octokit3.verify(key, text, headers['x-hub-signature'] ?? ''),
  signs: async ({ text }, key) => ({ 'x-hub-signature': await octokit3.sign({ secret: key, algorithm: 'sha1' }, text) }),
})

for (const algorithm of ['sha1', 'sha256', 'sha512']) {
  interop({
    library: 'x-hub-signature', scheme: `xhub.${algorithm}`, key, other,
    rotation: [false, false],
    quirk: [/x-hub-signature 2 .*one value/],
    accepts: ({ body, headers }, key) => new XHub(algorithm, key).verify(headers['x-hub-signature'] ?? '', body),
    signs: ({ body }, key) => ({ 'x-hub-signature': new XHub(algorithm, key).sign(body) }),
  })
}

interop({
  library: '@line/bot-sdk', scheme: 'line', key, other,
  accepts: ({ body, headers }, key) => line(body, key, headers['x-line-signature']),
})

// The SDK reads webhookTimestamp in the body, which is signed; whctl checks it and the header.
const linearBody = (at) => `{"action":"create","type":"Issue","data":{"id":"evt_1","title":"Zoë – 10 €"},"webhookTimestamp":${at * 1000}}`
interop({
  library: '@linear/sdk', scheme: 'linear', key, other,
  bodies: { compact: linearBody, spaced: (at) => `{ "action":"create",\n "webhookTimestamp": ${at * 1000}, "amount": 10.50 }\n` },
  window: { old: 60, new: 60 },
  accepts: ({ body, headers }, key) => new LinearWebhookClient(key).verify(body, headers['linear-signature']),
  further: [
    { name: 'a time header that was set again', library: true, whctl: false, request: (r) => ({ ...r, headers: { ...r.headers, 'linear-timestamp': '1772366000000' } }) },
    { name: 'no time header', library: true, whctl: true, request: ({ headers: { 'linear-timestamp': gone, ...headers }, ...r }) => ({ ...r, headers }) },
    {
      name: 'an old body, signed then, with the time header of now', library: false, whctl: false,
      request: (r, side) => ({ ...side.signed({ at: 1772366400 - 3600 }), headers: { ...side.signed({ at: 1772366400 - 3600 }).headers, 'linear-timestamp': r.headers['linear-timestamp'] } }),
    },
  ],
  quirk: [/webhookTimestamp in the body is: both are checked, @linear\/sdk 98/],
})

interop({
  library: 'razorpay', scheme: 'razorpay', key, other,
  accepts: ({ text, headers }, key) => Razorpay.validateWebhookSignature(text, headers['x-razorpay-signature'], key),
})

interop({
  library: 'pusher', scheme: 'pusher', key, other,
  params: { key: 'app-key-1' },
  headers: { 'content-type': 'application/json' },
  accepts: ({ text, headers }, key) => new Pusher({ appId: '1', key: 'app-key-1', secret: key, cluster: 'none' }).webhook({ rawBody: text, headers }).isValid(),
})

interop({
  library: '@onfido/api', scheme: 'onfido', key, other,
  upperHex: true,
  accepts: ({ body, headers }, key) => Boolean(new Onfido(key).readPayload(body, headers['x-sha2-signature'])),
})

interop({
  library: 'gocardless-nodejs', scheme: 'gocardless', key, other,
  upperHex: true,
  accepts: ({ body, headers }, key) => gocardless.verifySignature(body, key, headers['webhook-signature']) === undefined,
})

interop({
  library: 'coinbase-commerce-node', scheme: 'coinbase-commerce', key, other,
  accepts: ({ text, headers }, key) => coinbase.Webhook.verifySigHeader(text, headers['x-cc-webhook-signature'], key),
  signs: ({ text }, key) => ({ 'x-cc-webhook-signature': coinbase.Webhook.computeSignature(text, key) }),
})

interop({
  library: '@hookdeck/sdk', scheme: 'hookdeck', key, other,
  accepts: async ({ text, headers }, key) => (await hookdeck({ headers, rawBody: text, signingSecret: key })).isValidSignature,
  further: [
    {
      name: 'the right signature in the second header', library: true, whctl: true,
      request: (r, side) => ({ ...r, headers: { 'x-hookdeck-signature': side.signed({ key: 1 }).headers['x-hookdeck-signature'], 'x-hookdeck-signature-2': r.headers['x-hookdeck-signature'] } }),
    },
    {
      name: 'the second header without the first', library: false, whctl: true,
      request: (r) => ({ ...r, headers: { 'x-hookdeck-signature-2': r.headers['x-hookdeck-signature'] } }),
    },
  ],
  quirk: [/@hookdeck\/sdk 0 wants the first/],
})

interop({
  library: 'mailersend', scheme: 'mailersend', key, other,
  accepts: ({ body, headers }, key) => MailerSendUtils.verifyWebHook(body, headers.signature, key),
})

interop({
  library: 'mollie-api-typescript', scheme: 'mollie', key, other,
  accepts: ({ text, headers }, key) => Mollie.validate(text, key, headers['x-mollie-signature']),
  signs: async ({ text }, key) => ({ 'x-mollie-signature': `sha256=${await Mollie.createSignature(text, key)}` }),
  further: [{
    name: 'a digest without sha256= before it', library: true, whctl: false,
    request: (r) => ({ ...r, headers: { 'x-mollie-signature': r.headers['x-mollie-signature'].slice('sha256='.length) } }),
  }],
  quirk: [/mollie-api-typescript 1.*without sha256=/],
})

const adyen = new AdyenValidator()
interop({
  library: '@adyen/api-library', scheme: 'adyen',
  key: Buffer.from(KEY).toString('hex').toUpperCase(), other: Buffer.from(OTHER).toString('hex'),
  accepts: ({ text, headers }, key) => adyen.validateHMACSignature(key, headers.hmacsignature, text),
  signs: ({ text }, key) => ({ hmacsignature: adyen.calculateHmac(text, key) }),
})
