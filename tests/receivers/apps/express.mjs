// A receiver on Express: node express.mjs SCHEME [FAULT], with the key in RECEIVER_KEY. Prints its URL.
import express from 'express'
import { fault, handle, ready } from './handle.mjs'

const app = express()
// The default limit of 100 KiB loses large events.
const raw = express.raw({ type: () => true, limit: fault === 'default-limit' ? undefined : '2mb' })
const parsed = express.json({ limit: '2mb' })

app.post('/hooks', fault === 'parsed-body' ? parsed : raw, async (req, res) => {
  // Express leaves req.body undefined when there is none.
  const body = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0)
  res.sendStatus(await handle(fault === 'parsed-body' ? Buffer.from(JSON.stringify(req.body ?? {})) : body, req.headers))
})

const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => ready(server))
