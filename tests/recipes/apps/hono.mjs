import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { PORT, verify } from './verify.mjs'

const app = new Hono()
RECIPE
serve({ fetch: app.fetch, port: PORT, hostname: '127.0.0.1' })
