// Made-up curl commands: run by bash and curl, and read by whctl verify --curl. See run.
import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'

const words = ["'a b'", '"x \\" \\\\ \\n y"', "$'q\\n\\x41\\u00e9\\'\\101!'", 'plain', '\\ ', '\\\\', `'it'"'"'s'`, '"$"', '=', '@x', 'ü', '%20', 'a\\\nb', '#', "'{\"a\":1}'"]
const options = ['-d', '--data', '--data-raw', '--data-binary', '--data-urlencode', '--json', '-XPUT', '-sS', '-k', '-A', "-H 'X-B: 1'"]
const alone = new Set(['-XPUT', '-sS', '-k', "-H 'X-B: 1'"])

let seed = 1
const below = n => (seed = (seed * 48271) % 2147483647) % n // Lehmer's generator: the same commands each time
const pick = list => list[below(list.length)]

function command(address) {
  const parts = ['curl', '-s', `'${address}/in?q=1'`]
  for (let n = 1 + below(4); n > 0; n--) {
    const option = pick(options)
    let value = ''
    for (let k = 1 + below(3); k > 0; k--) value += pick(words)
    parts.push(alone.has(option) ? option : `${option} ${value}`)
  }
  return parts.join(pick([' ', ' \\\n  ']))
}

const run = (program, ...args) => new Promise((done, fail) => {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 20_000 })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', more => { said += more })
  child.on('error', fail)
  child.on('close', code => done({ code, said }))
})

let arrived
const server = createServer((request, answer) => {
  const chunks = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', () => { arrived = Buffer.concat(chunks); answer.end() })
})
await new Promise(open => server.listen(0, '127.0.0.1', open))
writeFileSync('key', 'a key of this test', { mode: 0o600 })

let same = 0, files = 0, failures = 0
for (let n = 0; n < 400; n++) {
  const line = command(`http://127.0.0.1:${server.address().port}`)
  arrived = undefined
  await run('bash', '-c', line)
  const signature = createHmac('sha256', 'a key of this test').update(arrived ?? '').digest('hex')
  writeFileSync('command', `${line} -H 'X-Hub-Signature-256: sha256=${signature}'\n`)
  const { code, said } = await run(process.env.WHCTL, 'verify', '--curl', 'command', '--scheme', 'github', '--secret-file', 'key', '--no-explain')
  if (arrived === undefined || /which whctl does not read by itself|put together of files/.test(said)) files++ // of a file that is not there
  else if (code === 0) same++
  else { failures++; console.error(`${line}\narrived: ${arrived}\nwhctl: ${code} ${said}`) }
}
server.close()
console.log(`${same} commands are read as bash and curl read them, ${files} name files or fail, ${failures} differ`)
process.exit(failures > 0 || same < 200 ? 1 : 0)
