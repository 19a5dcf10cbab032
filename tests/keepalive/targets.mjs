// Small targets that note each body they have read whole, and let go of kept connections. Prints "NAME PORT" for each.
import http from 'node:http'
import net from 'node:net'
import { appendFileSync } from 'node:fs'

const folder = process.argv[2]
const note = (name, body) => appendFileSync(`${folder}/${name}.got`, body + '\n')
const open = (name, server) => server.listen(0, '127.0.0.1', () => console.log(name, server.address().port))

const node = http.createServer((q, s) => {
  let body = ''
  q.on('data', (d) => (body += d))
  q.on('end', () => { note('node', body); s.end('ok') })
})
node.keepAliveTimeout = 200
open('node', node)

// raw servers read requests with a Content-Length and answer 200; each lets go in a way of its own.
const raw = (name, { after, how }) => {
  const kept = new Set()
  open(name, net.createServer((c) => {
    let buffer = Buffer.alloc(0)
    c.expired = 0
    c.on('error', () => {})
    c.on('close', () => kept.delete(c))
    c.on('data', (d) => {
      // what has been idle too long is ended when a request wakes the server, as gunicorn's threads do
      if (how === 'woken') for (const k of kept) if (k.expired && Date.now() > k.expired) k.destroy()
      if (c.destroyed) return
      if (how === 'reset' && c.expired && Date.now() > c.expired) return c.resetAndDestroy()
      buffer = Buffer.concat([buffer, d])
      for (;;) {
        const end = buffer.indexOf('\r\n\r\n')
        if (end < 0) return
        const length = Number(/content-length: (\d+)/i.exec(buffer.subarray(0, end).toString())?.[1] ?? 0)
        if (buffer.length < end + 4 + length) return
        note(name, buffer.subarray(end + 4, end + 4 + length).toString())
        buffer = buffer.subarray(end + 4 + length)
        c.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
        c.expired = Date.now() + after
        kept.add(c)
        if (how === 'timer') setTimeout(() => c.destroy(), after)
      }
    })
  }))
}
raw('woken', { after: 300, how: 'woken' })
raw('reset', { after: 100, how: 'reset' })
raw('timer', { after: 15, how: 'timer' })
