// A receiver on Express: node express.mjs SCHEME [FAULT], with the key in RECEIVER_KEY. Prints its URL.
import express from 'express'
import { fault, handle, ready, text } from './handle.mjs'

const app = express()
// The default limit of 100 KiB loses large events.
const raw = express.raw({ type: () => true, limit: fault === 'default-limit' ? undefined : '2mb' })
const parsed = express.json({ limit: '2mb' })

app.post('/hooks', fault === 'parsed-body' ? parsed : raw, async (req, res) => {
  // Express leaves req.body undefined when there is none.
  const raw = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0)
  const body = fault === 'parsed-body' ? Buffer.from(JSON.stringify(req.body ?? {})) : raw
  const status = await handle(body, req.headers)
  res.status(status).type('text/plain').send(text(status, body))
})

const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => ready(server))
