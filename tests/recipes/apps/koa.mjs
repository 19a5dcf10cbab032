import Koa from 'koa'
import bodyParser from 'koa-bodyparser'
import { PORT, verify } from './verify.mjs'

const app = new Koa()
RECIPE
app.use(bodyParser())
app.listen(PORT, '127.0.0.1')
