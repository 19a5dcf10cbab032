// Real requests: servers on free ports of this machine, and whctl beside them while they answer.
import { spawn } from 'node:child_process'
import http from 'node:http'
import readline from 'node:readline'
import { bin, env, home } from './env.mjs'

/** Starts a server on a free port. handler is a function (request, response) such as an Express app. */
export async function serve(handler) {
  const server = http.createServer(handler)
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections() }) }
}

/** Runs whctl to its end: { code, out, err }. data is a folder for a journal of its own. */
export function whctl(args, { key = '', stdin, data = `${home}/journal` } = {}) {
  const child = spawn(bin, args, { env: { ...env, WHCTL_SECRET: key, WHCTL_DATA_DIR: data }, cwd: home, stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] })
  const done = { code: null, out: '', err: '' }
  child.stdout.on('data', (chunk) => { done.out += chunk })
  child.stderr.on('data', (chunk) => { done.err += chunk })
  child.stdin?.once('error', () => {}).end(stdin) // whoever ends without reading says why on stderr
  return new Promise((resolve, reject) => child.once('error', reject).once('close', (code) => resolve(Object.assign(done, { code }))))
}

/** How long to wait for what must come, far more than is needed. */
const PATIENCE = 90_000

/** Starts whctl listen on a free port; it is there once this resolves. stop() resolves to the lines it printed. */
export async function listen(args, { key = '', data = `${home}/journal` } = {}) {
  const child = spawn(bin, ['listen', '--addr', '127.0.0.1:0', '-o', 'json', '--handshake', 'off', ...args], {
    env: { ...env, WHCTL_SECRET: key, WHCTL_DATA_DIR: data }, cwd: home, stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines = []
  const waiting = new Set()
  let err = ''
  child.stderr.on('data', (chunk) => { err += chunk })
  readline.createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push(JSON.parse(text))
    for (const look of waiting) look()
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  let gone = false
  ended.then(() => {
    gone = true
    for (const look of waiting) look()
  })

  /** The line of that number, from 0, among those that are wanted, printed already or still to come. */
  const line = (wanted, number = 0) => new Promise((resolve, reject) => {
    const done = (settle, value) => {
      clearTimeout(timer)
      waiting.delete(look)
      settle(value)
    }
    const missing = (why) => new Error(`whctl listen ${why} without the line that was waited for: ${err}${lines.map((l) => JSON.stringify(l)).join('\n')}`)
    const timer = setTimeout(() => done(reject, missing('goes on')), PATIENCE)
    const look = () => {
      const found = lines.filter(wanted)[number]
      if (found) done(resolve, found)
      else if (gone) done(reject, missing('ended'))
    }
    waiting.add(look)
    look()
  })

  const { addr } = await line(({ type }) => type === 'ready')
  return {
    url: `http://${addr}`,
    line,
    stop: async () => {
      child.kill('SIGTERM')
      await ended
      return lines
    },
  }
}
