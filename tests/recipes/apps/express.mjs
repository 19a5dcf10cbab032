import express from 'express'
import { PORT, verify } from './verify.mjs'

const app = express()
RECIPE
app.use(express.json(), express.urlencoded({ extended: true }))
app.listen(PORT, '127.0.0.1')
