// Sends bursts through a listener to each target, and compares what was answered and what the targets read with what was sent.
import http from 'node:http'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, mkdirSync } from 'node:fs'

const [folder, rounds] = [process.argv[2], Number(process.argv[3])]
const wait = (ms) => new Promise((done) => setTimeout(done, ms))
const targets = readFileSync(`${folder}/all`, 'utf8').trim().split('\n').map((line) => line.split(' '))

// At about the edge of what lets go by a timer, and between letting go and whctl's own second of what waits to be woken.
const pause = (name, round) => ({ gunicorn: 2200, node: 199 + (round % 4), woken: 500, reset: 300, timer: 14 + (round % 3) })[name]
// what was let go of in silence must have been found out, or nothing was shown
const mustRepeat = (name) => !process.env.WHCTL_PAUSE && (name === 'woken' || name === 'reset')

const post = (port, body) => new Promise((done) => {
  const q = http.request({ host: '127.0.0.1', port, method: 'POST', agent: false, headers: { 'Content-Type': 'text/plain' } }, (r) => {
    r.resume()
    r.on('end', () => done(r.statusCode))
  })
  q.on('error', (e) => done(e.code))
  q.end(body)
})

const through = async ([name, port]) => {
  const home = `${folder}/${name}`
  mkdirSync(home)
  const env = { PATH: process.env.PATH, HOME: home, WHCTL_KEYRING: 'file', WHCTL_DATA_DIR: `${home}/data` }
  const args = ['listen', '--addr', '127.0.0.1:0', '--no-verify', '--forward', `127.0.0.1:${port}`, '--ready-file', `${home}/ready`, '-o', 'json', '-q']
  const child = spawn(process.env.WHCTL, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.on('data', (d) => (out += d))
  while (!existsSync(`${home}/ready`)) await wait(20)
  await wait(20)
  const at = readFileSync(`${home}/ready`, 'utf8').trim().split(':').pop()
  const answers = {}
  for (let round = 0; round < rounds; round++) {
    const one = async (i, delay) => { await wait(delay); const a = await post(at, `${round}-${i}`); answers[a] = (answers[a] ?? 0) + 1 }
    await Promise.all([0, 0, 1, 1, 2, 2].map((delay, i) => one(i, delay)))
    if (round < rounds - 1) await wait(Number(process.env.WHCTL_PAUSE) || pause(name, round))
  }
  child.kill('SIGINT')
  await new Promise((done) => child.on('close', done))
  const got = readFileSync(`${folder}/${name}.got`, 'utf8').trim().split('\n')
  const times = {}
  for (const body of got) times[body] = (times[body] ?? 0) + 1
  const sent = rounds * 6
  const lost = sent - Object.keys(times).length
  const twice = Object.values(times).filter((n) => n > 1).length
  const repeated = out.split('\n').filter((line) => line.includes('"repeated":true')).length
  const ok = answers[200] === sent && lost === 0 && twice === 0 && (repeated > 0 || !mustRepeat(name))
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}: sent ${sent}, answered ${JSON.stringify(answers)}, the target read ${got.length}, lost ${lost}, twice ${twice}, repeated ${repeated}`)
  return ok
}
const all = await Promise.all(targets.map(through))
process.exit(all.every(Boolean) ? 0 : 1)
