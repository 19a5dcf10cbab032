// Vectors of the providers that ask whether a URL is yours, signed by Node over the bodies that their pages show. The lines printed
// stand in internal/sign/testdata/vectors-elsewhere.json.
import { createHmac } from 'node:crypto'

const hex = (alg, key, ...parts) => parts.reduce((mac, part) => mac.update(part), createHmac(alg, key)).digest('hex')
const print = (vector) => console.log(JSON.stringify(vector) + ',')

// both prints a right vector, and one with another byte in its body.
function both(scheme, name, source, secret, headers, body, more = {}) {
  const all = { provider: scheme, scheme, tier: 'core', origin: 'source-inputs', source, secret, headers: headers(body) }
  print({ id: `elsewhere/${scheme}/${name}`, ...all, body, expect: 'valid', ...more })
  const changed = body.replace(/[a-z]/, (c) => (c === 'a' ? 'b' : 'a'))
  print({ id: `elsewhere/${scheme}/${name}-changed`, ...all, body: changed, expect: 'invalid', reason: 'signature', ...more })
}

both('meta', 'page-feed', 'developers.facebook.com Webhooks, a feed of a page', 'meta-app-secret',
  (b) => ({ 'X-Hub-Signature-256': 'sha256=' + hex('sha256', 'meta-app-secret', b) }),
  '{"object":"page","entry":[{"id":"51044240199134611","time":1447342027,"changes":[{"field":"feed","value":{"item":"like","verb":"add","user_id":5465465}}]}]}')

for (const [name, at, more] of [['notification', '2019-11-16T10:11:12Z', {}], ['nanoseconds', '2019-11-16T10:11:12.634234626Z', { unsigned: true }]]) {
  const id = 'e76c6bd4-55c9-4987-8304-da1588d8988b'
  both('twitch', name, 'dev.twitch.tv Handling webhook events, a notification', 's3cre77890ab',
    (b) => ({ 'Twitch-Eventsub-Message-Id': id, 'Twitch-Eventsub-Message-Timestamp': at, 'Twitch-Eventsub-Message-Signature': 'sha256=' + hex('sha256', 's3cre77890ab', id, at, b) }),
    '{"subscription":{"id":"f1c2a387-161a-49f9-a165-0f21d7a4e1c4","status":"enabled","type":"channel.follow","version":"1","cost":1,"condition":{"broadcaster_user_id":"12826"}},"event":{"user_id":"1337","user_login":"awesome_user","user_name":"Awesome_User"}}',
    { now: 1573899072, ...more })
}

const asana = 'b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81'
for (const [name, body] of [
  ['changed-task', '{"events":[{"action":"changed","created_at":"2013-08-21T18:20:37.972Z","parent":null,"resource":{"gid":"1337","resource_type":"task"},"type":null,"user":{"gid":"1123","resource_type":"user"}}]}'],
  ['heartbeat', '{"events":[]}'],
]) {
  both('asana', name, 'developers.asana.com Webhooks guide', asana, (b) => ({ 'X-Hook-Signature': hex('sha256', asana, b) }), body)
}

const notion = 'secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl'
both('notion', 'page-created', 'developers.notion.com Webhooks, a created page', notion, (b) => ({ 'X-Notion-Signature': 'sha256=' + hex('sha256', notion, b) }),
  '{"id":"367cba44-b6f3-4c92-81e7-6a2e9659efd4","timestamp":"2024-12-05T23:55:34.285Z","type":"page.created","entity":{"id":"153104cd-477e-809d-8dc4-ff2d96ae3090","type":"page"}}')

both('webex', 'message', 'developer.webex.com Webhooks guide, a message', 'webex-secret', (b) => ({ 'X-Spark-Signature': hex('sha1', 'webex-secret', b) }),
  '{"id":"Y2lzY29zcGFyazovL3VzL1dFQkhPT0svOTZhYmMyYWEt","name":"New message in \'Project Unicorn\' room","resource":"messages","event":"created","data":{"id":"Y2lzY29zcGFyazovL3VzL01FU1NBR0UvOTJkYjNiZTAt"}}')

both('websub', 'feed', 'www.w3.org WebSub, Authenticated Content Distribution, with a feed of YouTube', 'hub-secret', (b) => ({ 'X-Hub-Signature': 'sha1=' + hex('sha1', 'hub-secret', b) }),
  '<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns="http://www.w3.org/2005/Atom"><entry><id>yt:video:VIDEO_ID</id></entry></feed>')
