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
export function whctl(args, { key = '', stdin = '', data = `${home}/journal` } = {}) {
  const child = spawn(bin, args, { env: { ...env, WHCTL_SECRET: key, WHCTL_DATA_DIR: data }, cwd: home })
  const done = { code: null, out: '', err: '' }
  child.stdout.on('data', (chunk) => { done.out += chunk })
  child.stderr.on('data', (chunk) => { done.err += chunk })
  child.stdin.end(stdin)
  return new Promise((resolve, reject) => child.once('error', reject).once('close', (code) => resolve(Object.assign(done, { code }))))
}

/** Starts whctl listen on a free port; it is there once this resolves. stop() resolves to the lines it printed. */
export async function listen(args, { key = '', data = `${home}/journal` } = {}) {
  const child = spawn(bin, ['listen', '--addr', '127.0.0.1:0', '-o', 'json', ...args], { env: { ...env, WHCTL_SECRET: key, WHCTL_DATA_DIR: data }, cwd: home })
  let err = ''
  child.stderr.on('data', (chunk) => { err += chunk })
  child.stdin.end()
  const ended = new Promise((resolve) => child.once('close', resolve))
  const lines = []
  const waiting = []
  const ready = new Promise((resolve, reject) => {
    readline.createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text)
      lines.push(line)
      if (line.type === 'ready') resolve(line)
      for (const w of waiting) if (w.wanted(line)) w.resolve(line)
    })
    ended.then((code) => {
      const error = new Error(`whctl listen ended with ${code}: ${err}`)
      reject(error)
      for (const w of waiting) w.reject(error)
    })
  })
  const { addr } = await ready
  return {
    url: `http://${addr}`,
    /** The first line, printed or still to come, that is wanted. */
    line: (wanted) => {
      const there = lines.find(wanted)
      return there ? Promise.resolve(there) : new Promise((resolve, reject) => waiting.push({ wanted, resolve, reject }))
    },
    stop: async () => {
      child.kill('SIGTERM')
      await ended
      return lines
    },
  }
}
