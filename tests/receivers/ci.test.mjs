// The files of docs/ci, run: their shell steps are taken out of the YAML and run as GitHub, GitLab and Compose run them, against
// a release that a server of this machine hands out and a receiver on Express.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import crypto from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import YAML from 'yaml'
import { bin, keys, receiver, work } from './lib.mjs'

const VERSION = '0.0.1'
const PUBLISHED = 'https://github.com/whctl/whctl/releases/download'
const PATIENCE = 120_000
const read = (name) => YAML.parse(fs.readFileSync(new URL(`../../docs/ci/${name}`, import.meta.url), 'utf8'))
const express = new URL('apps/express.mjs', import.meta.url).pathname

const release = `${work}/release/v${VERSION}`
let server
let releases

before(async () => {
  fs.mkdirSync(release, { recursive: true })
  fs.copyFileSync(bin, `${release}/whctl`)
  const sums = []
  for (const system of ['linux_amd64', 'linux_arm64']) {
    const archive = `whctl_${VERSION}_${system}.tar.gz`
    execFileSync('tar', ['-czf', archive, 'whctl'], { cwd: release })
    sums.push(`${crypto.createHash('sha256').update(fs.readFileSync(`${release}/${archive}`)).digest('hex')}  ${archive}\n`)
  }
  fs.writeFileSync(`${release}/checksums.txt`, sums.join(''))
  server = http.createServer((req, res) => {
    const file = path.join(work, req.url)
    if (fs.existsSync(file)) res.end(fs.readFileSync(file))
    else res.writeHead(404).end()
  })
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  releases = `http://127.0.0.1:${server.address().port}/release`
})
after(() => server.close())

let folders = 0
const folder = () => {
  const name = `${work}/job-${++folders}`
  fs.mkdirSync(name)
  return name
}

/** Runs a shell in a process group of its own, which is ended with it: { code, out }. */
function shell(command, args, cwd, env) {
  const child = spawn(command, args, { cwd, env: { PATH: process.env.PATH, HOME: cwd, WHCTL_KEYRING: 'file', ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { out += chunk })
  const end = () => {
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch { /* the group has ended */ }
  }
  const timer = setTimeout(end, PATIENCE)
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('exit', end).once('close', (code) => {
      clearTimeout(timer)
      resolve({ code, out })
    })
  })
}

async function freePort() {
  const probe = net.createServer()
  await new Promise((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve))
  const { port } = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return port
}

/** Runs the steps of the composite action as a GitHub runner does, until one fails: { code, out, summary }. */
async function action(inputs) {
  const { inputs: declared, runs } = read('action.yml')
  for (const [name, { required }] of Object.entries(declared)) assert.ok(!required || name in inputs, `${name} is required`)
  const cwd = folder()
  const values = (text) => text.replace(/\$\{\{ inputs\.(\w+) \}\}/g, (_, name) => inputs[name] ?? declared[name].default)
  const env = { RUNNER_TEMP: cwd, GITHUB_PATH: `${cwd}/path`, GITHUB_STEP_SUMMARY: `${cwd}/summary`, GITHUB_ACTIONS: 'true', CI: 'true' }
  let out = ''
  let code = 0
  for (const step of runs.steps) {
    assert.doesNotMatch(step.run, /\$\{\{/, 'a value in a script is read as a part of it')
    assert.equal(step.shell, 'bash')
    const added = fs.existsSync(env.GITHUB_PATH) ? fs.readFileSync(env.GITHUB_PATH, 'utf8').trim().split('\n') : []
    const own = Object.fromEntries(Object.entries(step.env).map(([name, value]) => [name, value === PUBLISHED ? releases : values(value)]))
    const done = await shell('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], cwd, { ...env, PATH: [...added, process.env.PATH].join(':'), ...own })
    out += done.out
    code = done.code
    if (code) break
  }
  return { code, out, summary: fs.existsSync(env.GITHUB_STEP_SUMMARY) ? fs.readFileSync(env.GITHUB_STEP_SUMMARY, 'utf8') : '' }
}

describe('docs/ci/action.yml', () => {
  const inputs = (url) => ({ url, secret: keys.baanx, scheme: 'baanx', version: VERSION, args: '--skip time --skip json-deep' })

  for (const [fault, code] of [['right', 0], ['parsed-body', 3]]) {
    test(`a receiver that is ${fault} ends it with ${code}`, async () => {
      const r = await receiver('express', 'baanx', fault)
      const done = await action(inputs(r.url)).finally(r.stop)
      assert.equal(done.code, code, done.out)
      assert.match(done.out, /linux_\w+\.tar\.gz: OK/)
      assert.match(done.summary, code ? /body-spaces/ : /passed/)
    })
  }

  test('an archive that is not the one of the release ends it', async () => {
    const sums = fs.readFileSync(`${release}/checksums.txt`, 'utf8')
    fs.writeFileSync(`${release}/checksums.txt`, sums.replace(/^[0-9a-f]{64}/gm, '0'.repeat(64)))
    const done = await action(inputs('http://127.0.0.1:9/hooks')).finally(() => fs.writeFileSync(`${release}/checksums.txt`, sums))
    assert.equal(done.code, 1, done.out)
    assert.match(done.out, /FAILED/)
  })
})

describe('docs/ci/gitlab.yml', () => {
  for (const [fault, code] of [['right', 0], ['throws-on-json', 3]]) {
    test(`a receiver that is ${fault} ends it with ${code}`, async () => {
      const { 'check-receiver': job } = read('gitlab.yml')
      assert.equal(job.variables.WHCTL_RELEASES, PUBLISHED)
      const cwd = folder()
      const port = await freePort()
      const done = await shell('bash', ['-eo', 'pipefail', '-c', [...job.before_script, ...job.script].join('\n')], cwd, {
        ...job.variables, WHCTL_VERSION: VERSION, WHCTL_RELEASES: releases, START: `exec node ${express} baanx ${fault}`, URL: `http://127.0.0.1:${port}/hooks`,
        SCHEME: 'baanx', WEBHOOK_KEY: keys.baanx, RECEIVER_KEY: keys.baanx, PORT: String(port), NODE_ENV: 'production',
      })
      assert.equal(done.code, code, done.out)
      const report = fs.readFileSync(`${cwd}/${job.artifacts.reports.junit}`, 'utf8')
      assert.equal(report.includes('<failure'), code === 3)
      for (const name of job.artifacts.paths) assert.ok(fs.existsSync(`${cwd}/${name}`), name)
    })
  }
})

describe('docs/ci/compose.yml', () => {
  for (const [fault, code] of [['right', 0], ['no-clock', 3]]) {
    test(`a receiver that is ${fault} ends it with ${code}`, async () => {
      const { services } = read('compose.yml')
      const { check } = services
      assert.equal(check.network_mode, 'service:receiver')
      assert.match(check.image, /^busybox:/)
      assert.deepEqual(check.volumes, ['./whctl:/usr/local/bin/whctl:ro'])
      const cwd = folder()
      fs.mkdirSync(`${cwd}/bin`)
      fs.copyFileSync(bin, `${cwd}/bin/whctl`)
      for (const applet of ['sh', 'nc', 'timeout', 'sleep']) fs.symlinkSync('/bin/busybox', `${cwd}/bin/${applet}`)
      const r = await receiver('express', 'baanx', fault)
      const [command, ...args] = check.command.map((word) => word.replaceAll('$$', '$'))
      const done = await shell(`${cwd}/bin/${command}`, args, cwd, { ...check.environment, PATH: `${cwd}/bin`, HOME: cwd, PORT: new URL(r.url).port, SCHEME: 'baanx', WEBHOOK_KEY: keys.baanx }).finally(r.stop)
      assert.equal(done.code, code, done.out)
      assert.match(done.out, code ? /time-old/ : /passed/)
    })
  }
})
