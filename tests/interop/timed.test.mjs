// Providers that sign a time which stands in a header of its own, and those that sign more than body and time.
import './lib/setup.mjs'
import crypto from 'node:crypto'
import { Signature as HubSpot } from '@hubspot/api-client'
import { EventWebhook } from '@sendgrid/eventwebhook'
import { verifySlackRequest } from '@slack/bolt'
import { AwsLambdaReceiver as Zoom } from '@zoom/rivet/users'
import { WebhooksManager as Box } from 'box-node-sdk/managers/webhooks'
import { Cashfree } from 'cashfree-pg'
import { verifyKey as discord } from 'discord-interactions'
import Mailgun from 'mailgun-js'
import Telnyx from 'telnyx'
import { WebflowClient } from 'webflow-api'
import { BODIES, interop } from './lib/interop.mjs'
import { ed25519, KEY, OTHER, p256 } from './lib/keys.mjs'

const key = KEY
const other = OTHER

interop({
  library: '@slack/bolt', scheme: 'slack', key, other,
  bodies: { ...BODIES, form: 'token=x&team_id=evt_1&command=%2Fweather&text=Z%C3%BCrich+%26+Bern' },
  window: { old: 300, new: Infinity },
  quirk: [/@slack\/bolt 5 .*age only/],
  accepts: ({ text, headers }, key) => {
    const numbers = { ...headers, 'x-slack-request-timestamp': Number(headers['x-slack-request-timestamp']) }
    return verifySlackRequest({ signingSecret: key, body: text, headers: numbers }) === undefined
  },
})

// The receiver parses the body and writes it again, so only what JSON.stringify writes can be verified by it.
console.debug = () => {}
interop({
  library: '@zoom/rivet', scheme: 'zoom', key, other,
  bodies: {
    compact: '{"event":"meeting.started","payload":{"id":"evt_1","topic":"Zoë – 10 €","join_url":"https://a.example/"},"event_ts":1772366400000}',
    'as JSON.stringify writes numbers': '{"event":"meeting.started","id":"evt_1","n":[1e+21,-1.5e-7,0]}',
  },
  rereads: true,
  window: { old: Infinity, new: Infinity },
  quirk: [/@zoom\/rivet 0 re-serialise the body/, /looks at no time/],
  accepts: async ({ text, headers }, key) => {
    const receiver = new Zoom({ webhooksSecretToken: key })
    receiver.init({ eventEmitter: { emit: async () => {} } })
    return (await receiver.start()({ body: text, headers, isBase64Encoded: false }, {})).statusCode === 200
  },
})

const webflow = new WebflowClient({ accessToken: 'none' })
interop({
  library: 'webflow-api', scheme: 'webflow', key, other,
  quirk: [/webflow-api 3 .*looks at no time/],
  accepts: ({ text, headers }, key) => webflow.webhooks.verifySignature({ headers, body: text, secret: key }),
})

interop({
  library: 'cashfree-pg', scheme: 'cashfree', key, other,
  quirk: [/cashfree-pg 4 .*looks at no time/],
  accepts: ({ text, headers }, key) => {
    Cashfree.XClientSecret = key
    return Boolean(Cashfree.PGVerifyWebhookSignature(headers['x-webhook-signature'], text, headers['x-webhook-timestamp']))
  },
})

// Besides what came, the SDK tries the body with everything that is not ASCII escaped, as Box has it before it signs.
const unescaped = (text) => text.replace(/\\u([0-9a-f]{4})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
interop({
  library: 'box-node-sdk', scheme: 'box', key, other,
  bodies: { ...BODIES, japanese: '{"id":"evt_1","name":"\\u30af\\u30ea\\u30c3\\u30af"}' },
  window: { old: 600, new: 0 },
  accepts: ({ text, headers }, key) => Box.validateMessage(text, headers, key),
  further: [{
    name: 'a body whose escapes were lost on the way', library: true, whctl: false,
    request: (_, side) => {
      const signed = side.signed({ body: 'japanese' })
      return { ...signed, body: Buffer.from(unescaped(signed.body.toString())) }
    },
  }],
  quirk: [/box-node-sdk 10 .*no time ahead/, /escapes anew/],
})

const url = 'https://app.example/in?id=1'
for (const [scheme, signatureVersion, header] of [['hubspot.v1', 'v1', 'x-hubspot-signature'], ['hubspot.v2', 'v2', 'x-hubspot-signature'], ['hubspot.v3', 'v3', 'x-hubspot-signature-v3']]) {
  const details = ({ text, url }, clientSecret, timestamp) => ({ clientSecret, requestBody: text, url, timestamp })
  const v3 = signatureVersion === 'v3'
  interop({
    library: '@hubspot/api-client', scheme, key, other, url,
    ...(v3 && {
      window: { old: 300, new: Infinity },
      further: [{
        name: 'a URL with escapes, signed as the page says', library: false, whctl: true,
        request: (r, side) => new side.constructor({ ...side, url: `${url}&to=https%3A%2F%2Fa.example%2F` }).signed(),
      }],
      quirk: [/@hubspot\/api-client 13 .*leaves that to its caller/],
    }),
    accepts: (r, key) => HubSpot.isValid({
      signatureVersion, method: r.method, signature: r.headers[header], ...details(r, key, Number(r.headers['x-hubspot-request-timestamp'])),
    }),
    signs: (r, key, at) => ({
      [header]: HubSpot.getSignature(r.method, signatureVersion, details(r, key, at * 1000)), ...(v3 && { 'x-hubspot-request-timestamp': String(at * 1000) }),
    }),
  })
}

// Mailgun signs a time and a token that stand in the body; what happened stands beside them and is not covered.
const mailgun = (at) => JSON.stringify({ signature: { token: 'token-of-these-tests', timestamp: String(at), signature: '' }, 'event-data': { event: 'opened', id: 'evt_1' } })
interop({
  library: 'mailgun-js', scheme: 'mailgun', key, other,
  bodies: { compact: mailgun },
  tampered: [
    { name: 'another token', change: (text) => text.replace('token-of', 'token-off') },
    { name: 'another time', change: (text) => text.replace('1772366400', '1772366399') },
  ],
  window: { old: 899, new: 899 },
  further: [{ name: 'another event under the same signature', library: true, whctl: true, request: (r) => ({ ...r, body: Buffer.from(r.body.toString().replace('opened', 'failed')) }) }],
  quirk: [/the event itself is not/, /mailgun-js 0 .*15 minutes/],
  accepts: ({ text }, key) => {
    const { timestamp, token, signature } = JSON.parse(text).signature
    return new Mailgun({ apiKey: key, domain: 'none.example', mute: true }).validateWebhook(timestamp, token, signature)
  },
})

// Of public-key schemes the libraries have the public half; the private one is Node's.
interop({
  library: 'discord-interactions', scheme: 'discord',
  key: ed25519('hex'), other: ed25519('hex', { whole: true }),
  upperHex: true,
  accepts: ({ body, headers }, key) => discord(body, headers['x-signature-ed25519'], headers['x-signature-timestamp'], key),
  signs: ({ text }, key, at) => ({ 'x-signature-timestamp': String(at), 'x-signature-ed25519': crypto.sign(null, Buffer.from(at + text), key).toString('hex') }),
})

const telnyx = new Telnyx({ apiKey: 'none' })
interop({
  library: 'telnyx', scheme: 'telnyx',
  key: ed25519('base64'), other: ed25519('base64', { whole: true }),
  window: { old: 300, new: 300 },
  accepts: async ({ text, headers }, key) => Boolean(await telnyx.webhooks.unwrap(text, { headers, key })),
  signs: ({ text }, key, at) => ({ 'telnyx-timestamp': String(at), 'telnyx-signature-ed25519': crypto.sign(null, Buffer.from(`${at}|${text}`), key).toString('base64') }),
})

const sendgrid = new EventWebhook()
interop({
  library: '@sendgrid/eventwebhook', scheme: 'sendgrid',
  key: p256(), other: p256(),
  accepts: ({ body, headers }, key) => sendgrid.verifySignature(
    sendgrid.convertPublicKeyToECDSA(key), body, headers['x-twilio-email-event-webhook-signature'], headers['x-twilio-email-event-webhook-timestamp']),
  signs: ({ text }, key, at) => ({
    'x-twilio-email-event-webhook-timestamp': String(at), 'x-twilio-email-event-webhook-signature': crypto.sign('sha256', Buffer.from(at + text), key).toString('base64'),
  }),
})
