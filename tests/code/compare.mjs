// Compares what the verifiers of a language said with what is right.
import fs from 'node:fs'
import path from 'node:path'

const [work, language] = process.argv.slice(2)
const said = new Map()
for (const line of fs.readFileSync(path.join(work, `${language}.out`), 'utf8').split('\n')) {
  const [scheme, id, answer] = line.split('\t')
  if (answer) said.set(`${scheme}\t${id}`, answer)
}
let right = 0
const wrong = []
for (const { scheme, cases } of JSON.parse(fs.readFileSync(path.join(work, 'cases.json')))) {
  for (const one of cases) {
    const answer = said.get(`${scheme}\t${one.id}`)
    const good = answer === String(one.want) || (one.badKey && answer?.startsWith('threw'))
    if (good) right++
    else wrong.push(`  ${scheme}  ${one.id}: ${answer ?? 'not judged'}, and ${one.want} is right`)
  }
}
console.log(`${language}: ${right} cases as they should be, ${wrong.length} not`)
if (wrong.length > 0) console.log(wrong.slice(0, Number(process.env.SHOWN ?? 40)).join('\n'))
process.exitCode = wrong.length > 0 || right === 0 ? 1 : 0
