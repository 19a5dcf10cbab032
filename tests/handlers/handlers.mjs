// Runs every handler of docs/guides/handlers as its page has it: files and command are taken out of the page, the handler is started in
// an empty folder, and whctl check, with a probe that counts what was stored, must find no failure. Then a right handler's file is
// spoiled, and whctl check must find that. Usage: node handlers.mjs WHCTL FOLDER [FRAMEWORK…]
import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'

const [whctl, work, ...only] = process.argv.slice(2)
const here = import.meta.dirname
const pages = path.join(here, '../../docs/guides/handlers')
const packages = path.join(here, '../recipes/node_modules')
const KEYS = ['not-a-real-key-only-for-these-tests', 'nor-is-this-one']

/** The handlers of a page: each section with files, under its heading, with those that the sections share. */
function handlers(page) {
  const found = []
  let shared = {}
  for (const section of fs.readFileSync(path.join(pages, page), 'utf8').split(/^## /m).slice(1)) {
    const heading = section.split('\n', 1)[0]
    const files = Object.fromEntries([...section.matchAll(/^`([\w./]+)`:\n\n```\w+\n([\s\S]*?)^```$/gm)].map(([, name, text]) => [name, text]))
    if (heading === 'What they share') shared = files
    else if (Object.keys(files).length > 0) found.push({ page, heading, files: { ...shared, ...files }, command: section.match(/```sh\n([\s\S]*?)```/)?.[1].trim() })
  }
  return found
}

const host = (folder, name) => fs.copyFileSync(path.join(here, 'hosts', name), path.join(folder, name))
const debian = (...names) => names.map((n) => `/usr/share/java/${n}.jar`).join(':')

// What a handler needs besides the files of its page: others of its project, and how it is started where the page leaves that to the framework.
const projects = {
  'node.md': (folder) => fs.symlinkSync(packages, path.join(folder, 'node_modules')),
  'Next.js': (folder) => {
    fs.writeFileSync(path.join(folder, 'app/layout.js'), 'export default ({ children }) => <html><body>{children}</body></html>\n')
    fs.writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}')
  },
  Laravel: (folder) => {
    host(folder, 'laravel.php')
    fs.mkdirSync(path.join(folder, 'app'))
    fs.renameSync(path.join(folder, 'webhook.php'), path.join(folder, 'app/webhook.php'))
    return 'php -S 127.0.0.1:3000 laravel.php'
  },
  Symfony: (folder) => {
    host(folder, 'symfony.php')
    fs.renameSync(path.join(folder, 'webhook.php'), path.join(folder, 'src/webhook.php'))
    return 'php -S 127.0.0.1:3000 symfony.php'
  },
  Rails: (folder) => {
    host(folder, 'rails.rb')
    fs.mkdirSync(path.join(folder, 'lib'))
    fs.renameSync(path.join(folder, 'webhook.rb'), path.join(folder, 'lib/webhook.rb'))
    return 'ruby rails.rb'
  },
  Spring: (folder) => {
    host(folder, 'Host.java')
    const jars = debian('spring3-core', 'spring3-beans', 'spring3-context', 'spring3-aop', 'spring3-expression', 'spring3-web', 'spring3-web.servlet', 'commons-logging',
      'tomcat9-catalina', 'tomcat9-coyote', 'tomcat9-servlet-api', 'tomcat9-util', 'tomcat9-util-scan', 'tomcat9-juli', 'tomcat9-annotations-api', 'tomcat9-api', 'tomcat9-jni',
      'tomcat9-jaspic-api', 'tomcat9-el-api', 'tomcat9-jsp-api', 'jackson-core', 'jackson-databind', 'jackson-annotations')
    execFileSync('javac', ['-proc:none', '--release', '11', '-Xlint:-options', '-parameters', '-cp', jars, 'Hooks.java', 'Host.java'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
    return `java --add-opens java.base/java.lang=ALL-UNNAMED -cp ${jars}:. Host`
  },
}

const running = []
for (const [signal, code] of [['SIGTERM', 143], ['SIGINT', 130]]) process.on(signal, () => process.exit(code)) // exit is not raised otherwise
process.on('exit', () => {
  for (const child of running) try { process.kill(-child.pid, 'SIGKILL') } catch { /* it ended */ }
})

const freePort = () => new Promise((resolve) => {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address()
    server.close(() => resolve(port))
  })
})

/** Waits until something listens: 150 s at most, as some compile first. */
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

/** Runs a program to its end. What the handler prints is read meanwhile, or a full pipe would stop it. */
function ended(command, args, env) {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 240_000 })
  const done = { out: '', err: '' }
  child.stdout.on('data', (text) => { done.out += text })
  child.stderr.on('data', (text) => { done.err += text })
  return new Promise((resolve, reject) => child.once('error', reject).once('close', (code) => resolve({ ...done, code })))
}

/** The line that starts a handler. Lines that install are left out: apt, npm and the Go proxy have what is run here. */
function start(command, port) {
  const lines = command.split('\n').filter((line) => !/^(npm|pip|gem) install /.test(line))
  return lines.join(' && ').replaceAll('3000', String(port)).replaceAll('python3', '/usr/bin/python3')
}

/** Starts a handler in a folder of its own, runs whctl check on it, and gives the report. */
async function prove({ page, heading, files, command }, more = []) {
  const folder = fs.mkdtempSync(path.join(work, 'handler-'))
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    fs.writeFileSync(path.join(folder, name), text)
  }
  fs.writeFileSync(path.join(folder, 'key.txt'), KEYS.join(' '))
  projects[page]?.(folder)
  const line = projects[heading]?.(folder) ?? command
  const port = await freePort()
  const inbox = path.join(folder, 'inbox')
  const env = { ...process.env, PORT: String(port), WEBHOOK_KEY: KEYS.join(' '), INBOX: inbox, PHP_CLI_SERVER_WORKERS: '8', NEXT_TELEMETRY_DISABLED: '1', GOFLAGS: '-mod=mod', GIN_MODE: 'release' }
  const child = spawn('sh', ['-ec', start(line, port)], { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  running.push(child)
  let log = ''
  for (const out of [child.stdout, child.stderr]) out.on('data', (text) => { log = (log + text).slice(-3000) })
  try {
    await listening(port, child)
    const keys = KEYS.flatMap((key, i) => {
      fs.writeFileSync(path.join(work, `key${i}`), key, { mode: 0o600 })
      return ['--secret-file', path.join(work, `key${i}`)]
    })
    const probe = `sh -c "ls ${inbox} 2>/dev/null | wc -l"`
    const args = ['check', `127.0.0.1:${port}/hooks`, ...keys, '--probe', probe, '--format', 'json', ...more]
    const done = await ended(whctl, args, { PATH: process.env.PATH, HOME: work, WHCTL_KEYRING: 'file', TMPDIR: work })
    if (done.code !== 0 && done.code !== 3) throw new Error(`whctl check ended with ${done.code}: ${done.err}`)
    return { ...JSON.parse(done.out), code: done.code, log }
  } catch (err) {
    throw new Error(`${err.message}\n${log}`)
  } finally {
    try { process.kill(-child.pid, 'SIGKILL') } catch { /* it ended */ }
  }
}

let passed = 0, failed = 0
function say(right, text) {
  if (right) passed++
  else failed++
  console.log(`${right ? 'ok' : 'FAILED'} ${text}`)
}

const wanted = (heading) => only.length === 0 || only.includes(heading)
const all = fs.readdirSync(pages).filter((name) => name !== 'README.md').flatMap(handlers)
for (const handler of all.filter(({ heading }) => wanted(heading))) {
  try {
    const { code, cases, log } = await prove(handler)
    const with_ = (outcome) => cases.filter((c) => c.outcome === outcome).map((c) => c.id)
    const bad = cases.filter((c) => c.outcome === 'fail').map((c) => `\n  ${c.id}: ${c.detail}`).join('')
    const warned = with_('warn')
    say(code === 0, `${handler.page} ${handler.heading}: ${with_('pass').length} passed, ${with_('fail').length} failed, ${warned.length} warned${warned.length ? ` (${warned.join(' ')})` : ''}, skipped ${with_('skip').join(' ')}${bad}${bad && `\n${log}`}`)
  } catch (err) {
    say(false, `${handler.page} ${handler.heading}: ${err.stderr ?? err.message}`)
  }
}

// A handler that does not look at the time, and one that stores an event as often as it comes: the same way of proving finds both.
const node = all.find(({ heading }) => heading === 'node:http')
const spoiled = {
  'does not look at the time': ['Math.abs(Math.floor(Date.now() / 1000) - Number(time)) > WINDOW', 'false', 'time-old'],
  'stores an event twice': ['`inbox/${name}.json`', '`inbox/${name}.${crypto.randomUUID()}.json`', 'effect-once'],
}
for (const [fault, [from, to, id]] of Object.entries(spoiled)) {
  if (!wanted('spoiled')) continue
  const text = node.files['webhook.mjs'].replace(from, to)
  if (text === node.files['webhook.mjs']) throw new Error(`node.md has no ${from}`)
  const { code, cases } = await prove({ ...node, files: { ...node.files, 'webhook.mjs': text } })
  say(code === 3 && cases.find((c) => c.id === id)?.outcome === 'fail', `one that ${fault} fails ${id}`)
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
