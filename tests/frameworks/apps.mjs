// Three receivers of webhooks, each written twice: as it has to be, and as most people write it first. The wrong ones let
// the framework parse the JSON and verify JSON.stringify of it, which is the sender's text only by luck.
import crypto from 'node:crypto'
import { Readable } from 'node:stream'
import express from 'express'
import fastify from 'fastify'
import { serve } from '../interop/lib/live.mjs'

export const KEY = 'not-a-real-key-only-for-these-tests'

export const digest = (time, body) => crypto.createHmac('sha256', KEY).update(`${time}.`).update(body).digest('hex')

/** What every receiver does with what it takes for the body: true when the signature is right. */
function verify(headers, body, seen) {
  seen.push({ headers, body: Buffer.from(body) })
  return digest(headers['x-timestamp'], body) === headers['x-signature']
}

/**
 * Each starts a receiver for POST /in: { url, seen, close }. seen holds the headers and the body of each request as they
 * were verified. use(headers, body) is called with them when it is given, and says what status to answer; by default
 * that is 200 when the signature is right and 401 when it is not.
 */
export const frameworks = {
  Express: {
    recipe: /express\.raw/,
    right: (use) => onExpress(express.raw({ type: '*/*' }), (req) => req.body, use),
    wrong: (use) => onExpress(express.json(), (req) => JSON.stringify(req.body), use),
  },
  Fastify: {
    recipe: /addContentTypeParser/,
    right: (use) => onFastify((app) => app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (req, body, done) => done(null, body)), (req) => req.body, use),
    wrong: (use) => onFastify(() => {}, (req) => JSON.stringify(req.body), use),
  },
  // A route handler as Next.js has it: a function of the web's Request.
  'Next.js': {
    recipe: /arrayBuffer/,
    right: (use) => onRoute(async (req) => Buffer.from(await req.arrayBuffer()), use),
    wrong: (use) => onRoute(async (req) => JSON.stringify(await req.json()), use),
  },
}

const judge = (headers, body, seen, use) => (use ? use(headers, body, seen) : verify(headers, body, seen) ? 200 : 401)

async function onExpress(parser, bodyOf, use) {
  const seen = []
  const app = express()
  app.post('/in', parser, async (req, res) => res.sendStatus(await judge(req.headers, bodyOf(req), seen, use)))
  return { ...await serve(app), seen }
}

async function onFastify(prepare, bodyOf, use) {
  const seen = []
  const app = fastify()
  prepare(app)
  app.post('/in', async (req, reply) => reply.code(await judge(req.headers, bodyOf(req), seen, use)).send())
  await app.listen({ host: '127.0.0.1', port: 0 })
  return { url: `http://127.0.0.1:${app.server.address().port}`, close: () => app.close(), seen }
}

async function onRoute(bodyOf, use) {
  const seen = []
  const POST = async (request) => new Response(null, { status: await judge(Object.fromEntries(request.headers), await bodyOf(request), seen, use) })
  const server = await serve(async (req, res) => {
    const { status } = await POST(new Request(`http://${req.headers.host}${req.url}`, { method: 'POST', headers: req.headers, body: Readable.toWeb(req), duplex: 'half' }))
    res.writeHead(status).end()
  })
  return { ...server, seen }
}
