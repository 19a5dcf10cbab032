// The samples of whctl, sent by whctl, are taken by handlers that are built with the providers' own libraries.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { verify as github } from '@octokit/webhooks-methods'
import '@shopify/shopify-api/adapters/node'
import { shopifyApi } from '@shopify/shopify-api'
import { App, ExpressReceiver } from '@slack/bolt'
import { Webhook } from 'standardwebhooks'
import Stripe from 'stripe'
import { KEY, whsec } from './lib/keys.mjs'
import { serve, whctl } from './lib/live.mjs'

/** The names of a scheme's samples, as whctl lists them. */
async function names(scheme) {
  const { out } = await whctl(['schemes', 'show', scheme])
  return /^samples +(.*)$/m.exec(out)[1].split(', ')
}

/** A server that gives each request with its raw body to take, and answers 401 with what it throws. */
const raw = (take) => serve((req, res) => {
  const chunks = []
  req.on('data', (chunk) => chunks.push(chunk)).on('end', async () => {
    try {
      await take(Buffer.concat(chunks), req, res)
      res.writeHead(200).end()
    } catch (error) {
      res.writeHead(401).end(String(error))
    }
  })
})

const typeOf = (name) => name.replace(/\/tricky$/, '')
const shopify = shopifyApi({ apiKey: 'k', apiSecretKey: KEY, scopes: [], hostName: 'northwind.test', apiVersion: '2026-04', isEmbeddedApp: false })

/** What a handler of each provider does first. */
const handlers = {
  stripe: {
    key: whsec(KEY), unknown: ['coupon.created', 'price.updated'], least: 41,
    take(name, body, req) {
      const event = new Stripe('none').webhooks.constructEvent(body, req.headers['stripe-signature'], whsec(KEY))
      assert.equal(event.object, 'event')
      assert.equal(event.type, typeOf(name))
      assert.match(event.id, /^evt_/)
      assert.ok(event.data.object.object, 'data.object says what it is')
      assert.ok(event.data.object.id || event.type === 'invoice.upcoming', 'data.object has an id')
    },
  },
  github: {
    key: KEY, unknown: ['team_add', 'gollum'], least: 21,
    async take(name, body, req) {
      assert.ok(await github(KEY, body.toString(), req.headers['x-hub-signature-256']))
      const [type, action] = name.split('/')
      assert.equal(req.headers['x-github-event'], type)
      assert.match(req.headers['x-github-delivery'], /^[0-9a-f-]{36}$/)
      const event = JSON.parse(body)
      assert.ok(event.sender.login)
      assert.ok(event.repository?.full_name || type === 'installation')
      const actions = { merged: 'closed', tag: undefined, failed: 'completed', failure: 'created', changes_requested: 'submitted', tricky: undefined }
      if (action) assert.equal(event.action, action in actions ? actions[action] : action)
    },
  },
  shopify: {
    key: KEY, unknown: ['carts/update'], least: 11,
    async take(name, body, req, res) {
      const { valid } = await shopify.webhooks.validate({ rawBody: body.toString(), rawRequest: req, rawResponse: res })
      assert.ok(valid)
      assert.equal(req.headers['x-shopify-topic'], typeOf(name))
      assert.equal(req.headers['x-shopify-shop-domain'], 'northwind-example.myshopify.com')
      JSON.parse(body)
    },
  },
  'standard-webhooks': {
    key: whsec(KEY), unknown: ['anything.else'], least: 4,
    take(name, body, req) {
      const event = new Webhook(whsec(KEY)).verify(body.toString(), req.headers)
      assert.equal(event.type, typeOf(name))
      assert.ok(event.timestamp && event.data)
    },
  },
}

for (const [scheme, handler] of Object.entries(handlers)) {
  describe(`samples of ${scheme}`, () => {
    let server, name
    before(async () => { server = await raw((body, req, res) => handler.take(name, body, req, res)) })
    after(() => server.close())

    test('each is taken, and so is a type without a sample', async () => {
      const all = await names(scheme)
      assert.ok(all.length >= handler.least, `${all.length} samples`)
      for (name of [...all, ...handler.unknown]) {
        const { code, out, err } = await whctl(['send', name, '--to', server.url, '--scheme', scheme], { key: handler.key })
        assert.equal(code, 0, `${name}: ${out}${err}`)
      }
    })

    test('a type that is none of theirs is refused, where they have a form', async () => {
      name = 'not!a!type'
      const { code, err } = await whctl(['send', 'not!a!type', '--to', server.url, '--scheme', scheme], { key: handler.key })
      assert.equal(code, scheme === 'standard-webhooks' ? 0 : 2, err)
    })
  })
}

describe('samples of slack', () => {
  let server
  const seen = []
  const quiet = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, getLevel() {}, setName() {} }

  before(async () => {
    const receiver = new ExpressReceiver({ signingSecret: KEY, endpoints: '/in', logger: quiet })
    const app = new App({ receiver, logger: quiet, authorize: async () => ({ botToken: 'none', botId: 'B1', botUserId: 'UBOT' }) })
    const see = (what) => async ({ ack }) => {
      seen.push(what)
      if (ack) await ack()
    }
    for (const type of ['app_mention', 'message', 'reaction_added', 'member_joined_channel', 'app_home_opened', 'app_uninstalled', 'team_join']) app.event(type, see(type))
    app.command('/hello', see('command'))
    app.action('approve', see('block_actions'))
    app.view('hello', see('view_submission'))
    app.view({ callback_id: 'hello', type: 'view_closed' }, see('view_closed'))
    app.shortcut({ callback_id: 'hello', type: 'shortcut' }, see('shortcut'))
    app.shortcut({ callback_id: 'hello', type: 'message_action' }, see('message_action'))
    server = await serve(receiver.app)
  })
  after(() => server.close())

  test('each reaches the function that an app has for it', async () => {
    for (const name of [...await names('slack'), 'command/tricky', 'block_actions/tricky', 'team_join']) {
      seen.length = 0
      const { code, out, err } = await whctl(['send', name, '--to', `${server.url}/in`, '--scheme', 'slack'], { key: KEY })
      assert.equal(code, 0, `${name}: ${out}${err}`)
      const [type, variant] = name.split('/')
      const wanted = type !== 'event_callback' ? type : variant === undefined || variant === 'tricky' ? 'app_mention' : variant
      assert.deepEqual(seen, type === 'url_verification' ? [] : [wanted], name)
    }
  })
})
