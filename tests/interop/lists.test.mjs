// Providers that put time and signatures into one header.
import './lib/setup.mjs'
import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js'
import Mux from '@mux/mux-node'
import { Environment, Paddle } from '@paddle/paddle-node-sdk'
import { WorkOS } from '@workos-inc/node'
import Stripe from 'stripe'
import { interop } from './lib/interop.mjs'
import { KEY, OTHER, whsec } from './lib/keys.mjs'

const stripe = new Stripe('none')
interop({
  library: 'stripe', scheme: 'stripe',
  key: whsec(KEY), other: whsec(OTHER),
  window: { old: 300, new: Infinity },
  accepts: ({ body, headers }, key) => Boolean(stripe.webhooks.constructEvent(body, headers['stripe-signature'], key)),
  signs: ({ text }, key, at) => ({ 'stripe-signature': stripe.webhooks.generateTestHeaderString({ payload: text, secret: key, timestamp: at }) }),
})

const mux = new Mux({ tokenId: 'none', tokenSecret: 'none' })
interop({
  library: '@mux/mux-node', scheme: 'mux',
  key: KEY, other: OTHER,
  window: { old: 300, new: Infinity },
  accepts: async ({ text, headers }, key) => (await mux.webhooks.verifySignature(text, headers, key)) === undefined,
})

const eleven = new ElevenLabsClient({ apiKey: 'none' })
interop({
  library: '@elevenlabs/elevenlabs-js', scheme: 'elevenlabs',
  key: KEY, other: OTHER,
  window: { old: 1800, new: Infinity },
  rotation: [true, false],
  quirk: [/elevenlabs-js 2.* first v0/],
  accepts: async ({ text, headers }, key) => Boolean(await eleven.webhooks.constructEvent(text, headers['elevenlabs-signature'], key)),
})

const workos = new WorkOS('none')
interop({
  library: '@workos-inc/node', scheme: 'workos',
  key: KEY, other: OTHER,
  // The SDK wants the parsed body and writes it again, so only what JSON.stringify writes can be verified by it.
  bodies: {
    compact: '{"id":"evt_1","event":"dsync.user.created","data":{"name":"Zoë – 10 €","url":"https://a.example/","amount":10.5},"created_at":"2026-03-01T12:00:00.000Z"}',
    'as JSON.stringify writes numbers': '{"id":"evt_1","event":"any","data":{"a":1e+21,"b":-1.5e-7,"c":0},"created_at":""}',
  },
  rereads: true,
  window: { old: 180, new: Infinity },
  rotation: [true, false],
  quirk: [/@workos-inc\/node 8.*re-serialises/, /age only/, /first v1/],
  accepts: ({ text, headers }, key) => workos.webhooks.verifyHeader({ payload: JSON.parse(text), sigHeader: headers['workos-signature'], secret: key }),
  signs: async ({ text }, key, at) => {
    const time = at * 1000
    return { 'workos-signature': `t=${time}, v1=${await workos.webhooks.computeSignature(time, JSON.parse(text), key)}` }
  },
})

const paddle = new Paddle('none', { environment: Environment.sandbox })
interop({
  library: '@paddle/paddle-node-sdk', scheme: 'paddle',
  key: KEY, other: OTHER,
  window: { old: 5, new: Infinity },
  rotation: [false, true],
  quirk: [/@paddle\/paddle-node-sdk 3.*last h1/],
  accepts: ({ text, headers }, key) => paddle.webhooks.isSignatureValid(text, key, headers['paddle-signature']),
})
