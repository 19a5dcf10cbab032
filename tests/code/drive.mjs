// Runs the verifiers for Node. What a verifier takes is read from its own list of parameters.
import fs from 'node:fs'
import path from 'node:path'

const work = process.argv[2]
for (const { scheme, files, cases } of JSON.parse(fs.readFileSync(path.join(work, 'cases.json')))) {
  const { verify } = await import(files.node)
  const names = verify.toString().match(/\(([^{]*)\) \{/)[1].split(', ').map((one) => one.split(' ')[0])
  for (const one of cases) {
    const settings = Object.fromEntries(Object.entries(one.params).map(([name, value]) => [`param${name.replace(/[^a-z0-9]/gi, '')}`.toLowerCase(), value]))
    const given = { body: Buffer.from(one.body, 'base64'), headers: one.headers, url: one.url, method: one.method, now: one.now * 1000 }
    let answer
    try {
      answer = one.keys.some((key) => verify(...names.map((name) => ({ ...given, key })[name] ?? settings[name.toLowerCase()] ?? '')))
    } catch (e) {
      answer = `threw ${e}`
    }
    console.log([scheme, one.id, String(answer).replace(/\s+/g, ' ')].join('\t'))
  }
}
