import Fastify from 'fastify'
import { PORT, verify } from './verify.mjs'

const fastify = Fastify()
RECIPE
await fastify.listen({ port: PORT, host: '127.0.0.1' })
