// A receiver on Fastify: node fastify.mjs SCHEME [FAULT], with the key in RECEIVER_KEY. Prints its URL.
import fastify from 'fastify'
import { fault, handle, ready, text } from './handle.mjs'

const app = fastify({ bodyLimit: 2 << 20 })
if (fault !== 'parsed-body') {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (req, body, done) => done(null, body))
}

app.post('/hooks', async (req, reply) => {
  const body = fault === 'parsed-body' ? Buffer.from(JSON.stringify(req.body)) : req.body ?? Buffer.alloc(0)
  const status = await handle(body, req.headers)
  return reply.code(status).type('text/plain').send(text(status, body))
})

await app.listen({ host: '127.0.0.1', port: 0 })
ready(app.server)
