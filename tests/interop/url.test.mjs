// Providers whose requests carry more than time and signature: a URL that is signed, a form, headers that have to be there.
import './lib/setup.mjs'
import '@shopify/shopify-api/adapters/node'
import { ApiVersion, shopifyApi } from '@shopify/shopify-api'
import plivo from 'plivo'
import { WebhooksHelper as Square } from 'square'
import twilio from 'twilio'
import { interop } from './lib/interop.mjs'
import { KEY, OTHER } from './lib/keys.mjs'

const key = KEY
const other = OTHER

interop({
  library: 'square', scheme: 'square', key, other,
  url: 'https://app.example/in?merchant=1',
  accepts: ({ text, headers, url }, key) => Square.verifySignature({
    requestBody: text, signatureHeader: headers['x-square-hmacsha256-signature'], signatureKey: key, notificationUrl: url,
  }),
})

/** A form as the library wants it: values of a name that comes more than once in a list. */
function form(text) {
  const values = new URLSearchParams(text)
  return Object.fromEntries([...values.keys()].map((name) => [name, values.getAll(name).length > 1 ? values.getAll(name) : values.get(name)]))
}

/** The same request to another URL. */
const to = (url) => (request) => ({ ...request, url })

const forms = {
  plain: 'CallSid=CA_evt_1&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212',
  unsorted: 'b=2&a=1&B=3&A=4&a_b=5&a.b=6&%C3%BC=7',
  'names that come twice': 'MediaUrl=https%3A%2F%2Fa.example%2F2&MediaUrl=https%3A%2F%2Fa.example%2F1&MediaUrl=https%3A%2F%2Fa.example%2F2&Body=x',
  'empty values and odd characters': 'Body=&Empty&Text=a+b%20c%26d%3De&Emoji=%F0%9F%98%80&Plus=%2B',
  nothing: '',
}
for (const [note, url, ported] of [
  ['https', 'https://app.example/in?id=1', 'https://app.example:443/in?id=1'],
  ['a port of its own', 'https://app.example:8443/in', 'https://app.example/in'],
  ['http', 'http://app.example/in', 'http://app.example:80/in'],
]) {
  interop({
    library: 'twilio', scheme: 'twilio', note, key, other, url,
    bodies: forms,
    tampered: [
      { name: 'another value', change: (text) => text.replace('1234', '1235') },
      { name: 'a value more', change: (text) => `${text}&x=y` },
      { name: 'a name in another case', change: (text) => text.replace('Digits', 'digits') },
    ],
    further: [
      { name: 'signed with the port or without, and seen the other way', library: true, whctl: true, request: (r, side) => ({ ...new side.constructor({ ...side, url: ported }).signed(), url }) },
    ],
    accepts: ({ text, headers, url }, key) => twilio.validateRequest(key, headers['x-twilio-signature'], url, form(text)),
    signs: ({ text, url }, key) => ({ 'x-twilio-signature': twilio.getExpectedTwilioSignature(key, url, form(text)) }),
  })
}

// A library that is handed a URL in which a proxy has undone an escape finds the way back.
interop({
  library: 'twilio', scheme: 'twilio', note: 'an escape in the URL', key, other,
  url: 'https://app.example/in?name=O%27Neil',
  bodies: { plain: forms.plain },
  tampered: [],
  further: [{ name: 'an escape that was undone', library: true, whctl: false, request: to("https://app.example/in?name=O'Neil") }],
  quirk: [/twilio 6 .*query encoded anew/],
  accepts: ({ text, headers, url }, key) => twilio.validateRequest(key, headers['x-twilio-signature'], url, form(text)),
  signs: ({ text, url }, key) => ({ 'x-twilio-signature': twilio.getExpectedTwilioSignature(key, url, form(text)) }),
})

interop({
  library: 'twilio', scheme: 'twilio.json', key, other,
  url: 'https://app.example/in?id=1',
  bodies: { compact: '{"id":"evt_1","note":"Zoë – 10 €","amount":10.50}', spaced: '{ "id": "evt_1" }\n' },
  accepts: ({ text, headers, url }, key) => twilio.validateRequestWithBody(key, headers['x-twilio-signature'], url, text),
  signs: ({ text, url }, key) => {
    const signed = `${url}&bodySHA256=${twilio.getExpectedBodyHash(text)}`
    return { url: signed, 'x-twilio-signature': twilio.getExpectedTwilioSignature(key, signed, {}) }
  },
})

const shopify = (key) => shopifyApi({ apiKey: 'none', apiSecretKey: key, apiVersion: ApiVersion.January25, hostName: 'app.example', isEmbeddedApp: true, logger: { log: () => {} } })
interop({
  library: '@shopify/shopify-api', scheme: 'shopify', key, other,
  headers: {
    'x-shopify-topic': 'orders/create', 'x-shopify-shop-domain': 'shop.example', 'x-shopify-api-version': '2025-01', 'x-shopify-webhook-id': 'evt_1',
  },
  accepts: async ({ text, headers }, key) => (await shopify(key).webhooks.validate({ rawBody: text, rawRequest: { method: 'POST', url: '/in', headers } })).valid,
  further: [{
    name: 'the header names of Shopify events', library: true, whctl: true,
    request: (r) => ({
      ...r,
      headers: {
        'shopify-hmac-sha256': r.headers['x-shopify-hmac-sha256'], 'shopify-topic': 'orders/create', 'shopify-shop-domain': 'shop.example',
        'shopify-api-version': '2025-01', 'shopify-webhook-id': 'evt_1', 'shopify-event-id': 'evt_1',
      },
    }),
  }],
})

// Plivo sorts the parameters of the URL, and a form's fields behind them.
for (const [note, url] of [
  ['parameters', 'https://app.example/in?b=2&a=1&a=0'],
  ['no parameters, a port', 'https://app.example:8443/in'],
]) {
  interop({
    library: 'plivo', scheme: 'plivo', note, key, other, url,
    headers: { 'x-plivo-signature-v3-nonce': '05429567804466091622' },
    bodies: forms,
    tampered: [
      { name: 'another value', change: (text) => text.replace('1234', '1235') },
      { name: 'a value more', change: (text) => `${text}&x=y` },
      { name: 'a name in another case', change: (text) => text.replace('Digits', 'digits') },
    ],
    accepts: ({ text, headers, url }, key) => plivo.validateV3Signature('POST', url, headers['x-plivo-signature-v3-nonce'], key, headers['x-plivo-signature-v3'], form(text)),
  })
}
