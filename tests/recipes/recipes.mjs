// Runs each recipe that whctl prints in its framework, as it is printed: the app answers 200 to a JSON body and to a form whose bytes
// no parser and writer would leave alone, and 401 when a byte is changed. Usage: node recipes.mjs WHCTL FOLDER [FRAMEWORK…]
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import crypto from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import path from 'node:path'
import ts from 'typescript'

const [whctl, work, ...only] = process.argv.slice(2)
const here = import.meta.dirname
const KEY = 'not-a-real-key-only-for-these-tests'
const sign = (body) => crypto.createHmac('sha256', KEY).update(body).digest('hex')

/** The recipes as whctl prints them for a body that was parsed and re-encoded. */
function recipes() {
  const key = path.join(work, 'key'), body = path.join(work, 'body')
  fs.writeFileSync(key, KEY, { mode: 0o600 })
  fs.writeFileSync(body, '{"a":1}')
  const args = ['verify', body, '-H', 'X-Hub-Signature-256: sha256=' + sign('{"a": 1}'), '--scheme', 'github', '--secret-file', key, '--all-recipes', '-o', 'json']
  const { status, stdout } = spawnSync(whctl, args, { encoding: 'utf8', env: { ...process.env, HOME: work, WHCTL_KEYRING: 'file' } })
  if (status !== 3) throw new Error(`whctl ended with ${status}`)
  return JSON.parse(stdout).findings[0].recipes
}

const app = (name) => fs.readFileSync(path.join(here, 'apps', name), 'utf8')
const python = '/usr/bin/python3' // Debian's, which has the frameworks from apt

/** Writes an app with the recipe in it, into a folder of its own, and gives its path. */
function write(name, code, into = name, helpers = []) {
  const folder = fs.mkdtempSync(path.join(work, 'app-'))
  for (const h of helpers) fs.copyFileSync(path.join(here, 'apps', h), path.join(folder, path.basename(h)))
  const indent = / *\t*(?=RECIPE\b)/.exec(app(name))[0]
  const text = app(name).replace(/RECIPE\b/, () => code.replaceAll('\n', '\n' + indent))
  fs.writeFileSync(path.join(folder, into), text)
  return path.join(folder, into)
}

/** An app of Node.js, with the packages of this folder. */
function node(file, code) {
  const to = write(file, code, file, ['verify.mjs'])
  fs.symlinkSync(path.join(here, 'node_modules'), path.join(path.dirname(to), 'node_modules'))
  return to
}

function nest(code) {
  const [first, ...rest] = code.split('\n')
  const text = app('nest.ts').replace('RECIPE_FIRST', () => first).replace('RECIPE_REST', () => rest.join('\n  '))
  const { outputText } = ts.transpileModule(text, { compilerOptions: { target: 'ES2022', module: 'ES2022', experimentalDecorators: true, emitDecoratorMetadata: true } })
  const to = path.join(fs.mkdtempSync(path.join(work, 'app-')), 'nest.mjs')
  fs.writeFileSync(to, outputText)
  fs.copyFileSync(path.join(here, 'apps/verify.mjs'), path.join(path.dirname(to), 'verify.mjs'))
  fs.symlinkSync(path.join(here, 'node_modules'), path.join(path.dirname(to), 'node_modules'))
  return ['node', [to]]
}

/** Next.js, the recipe as a route handler, and its last line, of the pages router, as an API route. */
function next(code, port) {
  const folder = fs.mkdtempSync(path.join(here, '.next-app-'))
  removed.push(folder)
  fs.mkdirSync(path.join(folder, 'app/webhook'), { recursive: true })
  fs.mkdirSync(path.join(folder, 'pages/api'), { recursive: true })
  fs.copyFileSync(path.join(here, 'apps/verify.mjs'), path.join(folder, 'verify.mjs'))
  fs.writeFileSync(path.join(folder, 'app/webhook/route.js'), `import { verify } from '../../verify.mjs'\n${code}\n`)
  fs.writeFileSync(path.join(folder, 'app/layout.js'), 'export default ({ children }) => <html><body>{children}</body></html>\n')
  const pages = code.split('\n').at(-1).replace(/^\/\/ pages router: /, '')
  fs.writeFileSync(path.join(folder, 'pages/api/webhook.js'), `import { buffer } from 'node:stream/consumers'
import { verify } from '../../verify.mjs'
${pages}
export default async (req, res) => res.status(verify(await buffer(req), req.headers) ? 200 : 401).end()\n`)
  fs.writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}')
  return ['node', [path.join(here, 'node_modules/next/dist/bin/next'), 'dev', folder, '-p', String(port), '-H', '127.0.0.1']]
}

function go(file, code, ...modules) {
  const to = write('go/' + file, code, 'main.go', ['go/verify.go'])
  const cwd = path.dirname(to)
  const run = (...args) => execFileSync('go', args, { cwd, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, GOFLAGS: '-mod=mod' } })
  run('mod', 'init', 'example.test/app')
  for (const m of modules) run('get', m)
  run('build', '-o', 'app', '.')
  return [path.join(cwd, 'app'), []]
}

function spring(code) {
  const to = write('Spring.java', code)
  const jars = ['spring3-core', 'spring3-beans', 'spring3-context', 'spring3-aop', 'spring3-expression', 'spring3-web', 'spring3-web.servlet', 'commons-logging',
    'tomcat9-catalina', 'tomcat9-coyote', 'tomcat9-servlet-api', 'tomcat9-util', 'tomcat9-util-scan', 'tomcat9-juli', 'tomcat9-annotations-api', 'tomcat9-api', 'tomcat9-jni',
    'tomcat9-jaspic-api', 'tomcat9-el-api', 'tomcat9-jsp-api'].map((n) => `/usr/share/java/${n}.jar`).join(':')
  execFileSync('javac', ['-proc:none', '--release', '8', '-Xlint:-options', '-cp', jars, to], { stdio: ['ignore', 'ignore', 'pipe'] })
  return ['java', ['--add-opens', 'java.base/java.lang=ALL-UNNAMED', '-cp', jars + ':' + path.dirname(to), 'Spring']]
}

const php = (file, code) => (port) => ['php', ['-S', `127.0.0.1:${port}`, write(file, code, file, ['verify.php'])]]

// Of each framework: the program to run. /webhook is the recipe's path everywhere.
const apps = {
  NestJS: (code) => nest(code),
  'Next.js': (code, port) => next(code, port),
  Fastify: (code) => ['node', [node('fastify.mjs', code)]],
  Koa: (code) => ['node', [node('koa.mjs', code)]],
  Hono: (code) => ['node', [node('hono.mjs', code)]],
  Express: (code) => ['node', [node('express.mjs', code)]],
  FastAPI: (code) => [python, [write('fastapi.py', code, 'app.py', ['verify.py'])]],
  Django: (code) => [python, [write('django.py', code, 'app.py', ['verify.py'])]],
  Flask: (code) => [python, [write('flask.py', code, 'app.py', ['verify.py'])]],
  Rails: (code) => ['ruby', [write('rails.rb', code, 'app.rb', ['verify.rb'])]],
  Sinatra: (code) => ['ruby', [write('sinatra.rb', code, 'app.rb', ['verify.rb'])]],
  Laravel: (code, port) => php('laravel.php', code)(port),
  Symfony: (code, port) => php('symfony.php', code)(port),
  PHP: (code, port) => php('php.php', code)(port),
  Spring: (code) => spring(code),
  Gin: (code) => go('gin.go', code, 'github.com/gin-gonic/gin@v1.10.0'),
  Echo: (code) => go('echo.go', code, 'github.com/labstack/echo/v4@v4.12.0'),
  'Go net/http': (code) => go('nethttp.go', code),
}

const running = [], removed = []
process.on('exit', () => {
  for (const child of running) try { process.kill(-child.pid, 'SIGKILL') } catch { /* it ended */ }
  for (const folder of removed) fs.rmSync(folder, { recursive: true, force: true })
})

const freePort = () => new Promise((resolve) => {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address()
    server.close(() => resolve(port))
  })
})

function post(port, url, type, body, signature = sign(body)) {
  return new Promise((resolve, reject) => {
    const headers = { 'X-Signature': signature, 'Content-Length': Buffer.byteLength(body), ...(type && { 'Content-Type': type }) }
    const request = http.request({ host: '127.0.0.1', port, path: url, method: 'POST', headers, timeout: 60_000 }, (res) => {
      res.resume().on('end', () => resolve({ status: res.statusCode, made: [res.headers['x-powered-by'], res.headers.server].filter(Boolean).join(', ') }))
    })
    request.on('error', reject).on('timeout', () => request.destroy(new Error('no answer in a minute'))).end(body)
  })
}

/** Waits until something listens: 150 s at most, as Next.js compiles first. */
async function listening(port, child) {
  for (const end = Date.now() + 150_000; Date.now() < end && child.exitCode === null;) {
    const open = await new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true) }).on('error', () => resolve(false))
    })
    if (open) return
    await new Promise((resolve) => { setTimeout(resolve, 100) })
  }
  throw new Error('it does not listen')
}

const JSON_TEXT = '{"b": 1.50,\n "a": "Zo\\u00eb \u00e9 \\/", "a": null}\n'
const FORM = "z=b+c%20d&a=%7E~&e=%2f*'()&e=&%C3%A9=%c3%a9"
const bodies = [['application/json', JSON_TEXT], ['application/json; charset=utf-8', JSON_TEXT], ['application/x-www-form-urlencoded', FORM], ['text/plain', JSON_TEXT], ['', JSON_TEXT]]

async function prove({ framework, code }) {
  const port = await freePort()
  const [program, args] = apps[framework](code, port)
  const env = { ...process.env, KEY, PORT: String(port), APP_ENV: 'production', RACK_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' }
  const child = spawn(program, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  running.push(child)
  let log = ''
  for (const out of [child.stdout, child.stderr]) out.on('data', (text) => { log += text })
  try {
    await listening(port, child)
    let made = ''
    for (const url of framework === 'Next.js' ? ['/webhook', '/api/webhook'] : ['/webhook']) {
      for (const [type, body] of framework === 'NestJS' ? bodies.slice(0, 3) : bodies) { // Nest keeps the bytes of JSON and forms
        const right = await post(port, url, type, body)
        const wrong = await post(port, url, type, body.replace('b', 'c'), sign(body))
        if (right.status !== 200 || wrong.status !== 401) throw new Error(`${url}, ${type || 'no type'}: ${right.status} for the right body, ${wrong.status} for a changed one`)
        made = right.made
      }
    }
    if (framework === 'Spring') {
      const form = await post(port, '/request-body', 'application/x-www-form-urlencoded', FORM)
      if (form.status !== 401) throw new Error(`@RequestBody of a form: ${form.status}, and it is to be made anew`)
    }
    return `ok ${framework}${made && ` (its answer says ${made})`}`
  } catch (err) {
    throw new Error(`${framework}: ${err.message}\n${log.slice(-2000)}`)
  } finally {
    try { process.kill(-child.pid, 'SIGKILL') } catch { /* it ended */ }
  }
}

let failed = 0, run = 0
for (const recipe of recipes()) {
  if (only.length > 0 && !only.includes(recipe.framework)) continue
  if (recipe.from) {
    console.log(`not run: ${recipe.framework} cannot be had from apt, npm or the Go proxy; its recipe is from ${recipe.from}`)
    continue
  }
  try {
    console.log(await prove(recipe))
    run++
  } catch (err) {
    failed++
    console.log('FAILED ' + (err.stderr ? `${recipe.framework}: ${err.stderr}` : err.message))
  }
}
console.log(`${run} passed, ${failed} failed`)
process.exitCode = failed > 0 || run === 0 ? 1 : 0
