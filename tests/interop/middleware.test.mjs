// Real requests by whctl, straight and through its listener, to servers that verify with the providers' own middleware.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { LinearWebhookClient } from '@linear/sdk/webhooks'
import { middleware as line } from '@line/bot-sdk'
import { ExpressReceiver } from '@slack/bolt'
import { verifyKeyMiddleware as discord } from 'discord-interactions'
import express from 'express'
import Stripe from 'stripe'
import { Webhook as Svix } from 'svix'
import twilio from 'twilio'
import { ed25519, KEY, whsec } from './lib/keys.mjs'
import { listen, serve, whctl } from './lib/live.mjs'

const pair = ed25519('hex')
const fine = (_, res) => res.status(200).send('taken')

/** An Express app whose only route has these handlers, and which answers 401 when one of them throws. */
function app(...handlers) {
  const app = express()
  app.post('/in', ...handlers, fine)
  app.use((error, req, res, next) => res.status(401).end(error.message))
  return app
}

/** A handler that verifies the raw body with a function that throws. */
const raw = (verify) => [express.raw({ type: '*/*' }), (req, res, next) => { verify(req); next() }]

const slack = new ExpressReceiver({ signingSecret: KEY, endpoints: '/in', logger: { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, getLevel() {}, setName() {} } })

const servers = [
  { scheme: 'stripe', key: whsec(KEY), app: app(raw((req) => new Stripe('none').webhooks.constructEvent(req.body, req.get('Stripe-Signature'), whsec(KEY)))) },
  { scheme: 'svix', key: whsec(KEY), app: app(raw((req) => new Svix(whsec(KEY)).verify(req.body, req.headers))) },
  { scheme: 'line', key: KEY, app: app(line({ channelSecret: KEY })) },
  { scheme: 'discord', key: pair.verify, signing: pair.sign, app: app(discord(pair.verify)), body: '{"type":2,"data":{"name":"Zoë"}}' },
  { scheme: 'slack', key: KEY, app: slack.app, body: '{"type":"url_verification","challenge":"taken"}' },
  {
    scheme: 'linear', key: KEY, refused: 400,
    app: new LinearWebhookClient(KEY).createHandler(),
    body: () => `{"action":"create","type":"Issue","note":"Zoë","webhookTimestamp":${Date.now()}}`,
  },
  {
    scheme: 'twilio', key: KEY, refused: 403,
    body: 'From=%2B14158675309&Body=Z%C3%BCrich+%26+Bern',
    header: ['-H', 'Content-Type: application/x-www-form-urlencoded'],
    // Behind a listener or a proxy the URL that was signed is the one that the sender asked for.
    app: app(express.urlencoded({ extended: false }), (req, res, next) => {
      twilio.webhook({ url: `http://${req.get('X-Forwarded-Host') ?? req.get('Host')}${req.originalUrl}` }, KEY)(req, res, next)
    }),
  },
]

for (const { scheme, key, signing = key, app, body = '{\n  "type": "any",\n  "note": "Zoë – 10 €", "amount": 10.50 }\n', header = [], refused = 401 } of servers) {
  describe(`middleware · ${scheme}`, () => {
    let server
    let listener
    before(async () => {
      server = await serve(app)
      listener = await listen(['--scheme', scheme, '--forward', server.url], { key })
    })
    after(async () => {
      await listener.stop()
      await server.close()
    })

    const send = async (to, ...flags) => {
      const done = await whctl(['send', '-', '--scheme', scheme, '--to', `${to}/in`, '-o', 'json', ...header, ...flags], { key: signing, stdin: typeof body === 'function' ? body() : body })
      return { ...done, status: JSON.parse(done.out || '{}').status }
    }

    for (const [name, to] of [['straight', () => server.url], ['through the listener', () => listener.url]]) {
      test(`${name}: taken`, async () => {
        const { code, status, out, err } = await send(to())
        assert.equal(status, 200, out + err)
        assert.equal(code, 0)
      })
      for (const part of ['body', 'signature', 'key']) {
        test(`${name}: the ${part} was spoilt, refused`, async () => {
          const { code, status, out, err } = await send(to(), '--tamper', part)
          assert.equal(status, to() === listener.url ? 401 : refused, out + err)
          assert.equal(code, 5)
        })
      }
    }

    test('the listener agrees with the middleware', async () => {
      await listener.line(({ type, status }) => type === 'attempt' && status === 200)
      const lines = await listener.stop()
      assert.deepEqual(lines.filter(({ type }) => type === 'delivery').map(({ verdict }) => verdict.ok), [true, false, false, false])
      assert.equal(lines.filter(({ type }) => type === 'attempt').length, 1, 'only what is right is forwarded')
    })
  })
}
