// Receivers as processes of their own, and whctl beside them.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import readline from 'node:readline'

const here = path.dirname(new URL(import.meta.url).pathname)

/** The built whctl, from the runner. */
export const bin = process.env.WHCTL_BIN

/** A folder that is gone at the end. */
export const work = fs.mkdtempSync(path.join(os.tmpdir(), 'whctl-receivers-'))
process.on('exit', () => fs.rmSync(work, { recursive: true, force: true }))

/** A key of the form that each scheme has. None is real. */
export const keys = {
  baanx: 'whk_notarealkeyonlyforthesetests00000001',
  slack: '0123456789abcdef0123456789abcdef',
  stripe: 'whsec_notarealkeyonlyforthesetests00001',
  line: '0123456789abcdef0123456789abcdef',
  github: 'not a real key, only for these tests',
  hookdeck: 'not a real key, only for these tests',
  'standard-webhooks': `whsec_${Buffer.from('not a real key, for tests').toString('base64')}`,
}

/** What a program of the tests sees: no settings of whoever runs them. */
const env = {
  PATH: process.env.PATH, HOME: work, XDG_CONFIG_HOME: `${work}/config`, XDG_DATA_HOME: `${work}/data`, TMPDIR: os.tmpdir(),
  WHCTL_KEYRING: 'file', NODE_ENV: 'production', TERM: 'dumb',
}

const frameworks = {
  express: ['node', path.join(here, 'apps/express.mjs')],
  fastify: ['node', path.join(here, 'apps/fastify.mjs')],
  flask: ['/usr/bin/python3', path.join(here, 'apps/flask_app.py')],
}

/** How long anything may take. */
const PATIENCE = 180_000

/** Runs a program to its end: { code, out, err }. */
export function run(command, args, { more = {}, cwd = work, stdin = 'ignore' } = {}) {
  const child = spawn(command, args, { env: { ...env, ...more }, cwd, stdio: [stdin, 'pipe', 'pipe'], timeout: PATIENCE, killSignal: 'SIGKILL' })
  const done = { code: null, out: '', err: '' }
  child.stdout.on('data', (chunk) => { done.out += chunk })
  child.stderr.on('data', (chunk) => { done.err += chunk })
  return new Promise((resolve, reject) => child.once('error', reject).once('close', (code) => resolve(Object.assign(done, { code }))))
}

/** Starts a program that prints the URL that it listens on as its first line: { url, stop }. */
export async function start(command, args, more = {}) {
  const child = spawn(command, args, { env: { ...env, ...more }, cwd: work, stdio: ['ignore', 'pipe', 'pipe'], timeout: PATIENCE, killSignal: 'SIGKILL' })
  let err = ''
  child.stderr.on('data', (chunk) => { err = (err + chunk).slice(-4000) })
  const ended = new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  const first = new Promise((resolve) => readline.createInterface({ input: child.stdout }).once('line', resolve))
  const url = await Promise.race([first, ended.then(() => { throw new Error(`${args.join(' ')} ended: ${err}`) })])
  return { url, stop: () => { child.kill('SIGKILL'); return ended } }
}

/** Starts a receiver of the table. */
export function receiver(framework, scheme, fault) {
  const [command, ...args] = frameworks[framework]
  return start(command, [...args, scheme, fault], { RECEIVER_KEY: keys[scheme] })
}

/** Runs whctl check on a URL: { code, out, err }. */
export function check(url, scheme, ...args) {
  return run(bin, ['check', url, '--scheme', scheme, '--secret-env', 'CHECK_KEY', ...args], { more: { CHECK_KEY: keys[scheme] } })
}
