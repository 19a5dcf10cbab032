// Each form of forms.json, parsed and written by Node.js, qs and axios. Prints JSON lines; see generate.
import fs from 'node:fs'
import querystring from 'node:querystring'
import axios from 'axios'
import qs from 'qs'

const out = (writer, form, text) => console.log(JSON.stringify({ writer, form, text }))

JSON.parse(fs.readFileSync(new URL('forms.json', import.meta.url))).forEach((form, i) => {
  const pairs = [...new URLSearchParams(form)]
  out('browsers (URLSearchParams)', i, new URLSearchParams(pairs).toString())
  out('encodeURIComponent (JavaScript)', i, pairs.map((p) => p.map(encodeURIComponent).join('=')).join('&'))
  out('querystring (Node.js)', i, querystring.stringify(querystring.parse(form)))
  const extended = qs.parse(form) // express.urlencoded({ extended: true })
  out('qs (Node.js)', i, qs.stringify(extended))
  out('qs with RFC1738 (Node.js)', i, qs.stringify(extended, { format: 'RFC1738' }))
  out('qs with encodeValuesOnly (Node.js)', i, qs.stringify(extended, { encodeValuesOnly: true }))
  out('JSON.stringify (Node.js)', i, JSON.stringify(extended))
  out('JSON.stringify (Node.js)', i, JSON.stringify(querystring.parse(form)))
  out('JSON.stringify (Node.js)', i, JSON.stringify(Object.fromEntries(pairs)))
  out('axios (params)', i, axios.getUri({ url: '', params: Object.fromEntries(pairs) }).slice(1))
})
