// Makes the stream of the webhooks, or changes the one that is there.
import { readFile } from 'node:fs/promises'
import { DiscardPolicy, jetstreamManager, StorageType } from '@nats-io/jetstream'
import { connect, nanos, nkeyAuthenticator } from '@nats-io/transport-node'

const config = {
  subjects: ['webhooks.>'],
  num_replicas: 3,
  storage: StorageType.File,
  max_age: nanos(7 * 24 * 3600 * 1000), // with --dedupe subject an event is kept out for so long
  max_bytes: 1024 ** 3, // more where the disks have it: some days of your webhooks
  discard: DiscardPolicy.New, // whctl waits while the stream is full, and nothing is lost
}
const nc = await connect({
  servers: process.env.NATS_URL.split(','), waitOnFirstConnect: true, maxReconnectAttempts: -1,
  authenticator: nkeyAuthenticator(Buffer.from((await readFile(process.env.NATS_SEED_FILE, 'utf8')).split('\n')[0].trim())),
})
const manager = await jetstreamManager(nc)
try {
  await manager.streams.add({ name: 'WEBHOOKS', ...config })
} catch (err) {
  if (err.code !== 10058) throw err // there is one with other settings (JSStreamNameExistErr)
  await manager.streams.update('WEBHOOKS', config)
}
await nc.drain()
