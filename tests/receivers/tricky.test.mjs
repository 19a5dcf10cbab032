// Handlers that parse a body and verify what they write anew, in Express and in Python: samples pass them by, and the tricky one of
// `--trigger all` does not. Handlers that verify the raw bytes take all of them.
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import { describe, test } from 'node:test'
import express from 'express'
import { bin, keys, run, start, work } from './lib.mjs'

const keyFile = `${work}/tricky-key`
fs.writeFileSync(keyFile, keys.baanx, { mode: 0o600 })

const hex = (text) => crypto.createHmac('sha256', keys.baanx).update(text).digest('hex')

/** An Express app that verifies what `bytes` makes of the request. */
async function app(parser, bytes) {
  const handler = express()
  handler.post('/', parser, (req, res) => {
    const right = hex(Buffer.concat([Buffer.from(`${req.get('X-Timestamp')}.`), Buffer.from(bytes(req))]))
    res.sendStatus(right === req.get('X-Signature') ? 200 : 401)
  })
  const server = http.createServer(handler)
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => { server.close(); server.closeAllConnections() } }
}

/** The same in Python, without a framework. */
const python = (bytes) => start('/usr/bin/python3', ['-c', `
import hashlib, hmac, http.server, json
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        right = hmac.new(${JSON.stringify(keys.baanx)}.encode(), self.headers['X-Timestamp'].encode() + b'.' + ${bytes}, hashlib.sha256).hexdigest()
        self.send_response(200 if right == self.headers['X-Signature'] else 401)
        self.end_headers()
    def log_message(self, *_): pass
server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
print('http://127.0.0.1:%d' % server.server_port, flush=True)
server.serve_forever()
`])

const kinds = {
  'Express with express.json()': { start: () => app(express.json(), (req) => JSON.stringify(req.body)), wrong: true },
  'Express with express.raw()': { start: () => app(express.raw({ type: '*/*' }), (req) => req.body), wrong: false },
  'Python with json.loads and json.dumps': { start: () => python("json.dumps(json.loads(body), separators=(',', ':'), ensure_ascii=False).encode()"), wrong: true },
  'Python with the body as it came': { start: () => python('body'), wrong: false },
}

for (const [name, kind] of Object.entries(kinds)) {
  describe(name, () => {
    const beside = async (ask) => {
      const server = await kind.start()
      try {
        return await ask(server.url)
      } finally {
        await server.stop()
      }
    }

    test('--trigger all finds it out', async () => {
      const statuses = await beside(async (url) => {
        const { out, err } = await run(bin, ['listen', '--sandbox', '--trigger', 'all', '--addr', '127.0.0.1:0', '--forward', url, '--secret-file', keyFile, '--exit-after', '3', '-o', 'json'])
        const got = out.trim().split('\n').map((line) => JSON.parse(line)).filter(({ type }) => type === 'attempt').map(({ status }) => status)
        assert.equal(got.length, 3, err)
        return got
      })
      assert.deepEqual(statuses, kind.wrong ? [200, 200, 401] : [200, 200, 200])
    })

    test('each sample passes, and its tricky variant tells', async () => {
      await beside(async (url) => {
        for (const type of ['kyc.status.changed', 'card.activated', 'transaction.cleared']) {
          for (const [sample, code] of [[type, 0], [`${type}/tricky`, kind.wrong ? 5 : 0]]) {
            const sent = await run(bin, ['send', sample, '--to', url, '--secret-file', keyFile])
            assert.equal(sent.code, code, `${sample}: ${sent.out}${sent.err}`)
          }
        }
      })
    })
  })
}
