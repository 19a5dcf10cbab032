// The vectors of whctl, tried on the libraries of Stripe, GitHub and Standard Webhooks for Node.
import { readFileSync } from 'node:fs'
import { verify } from '@octokit/webhooks-methods'
import { Webhook } from 'standardwebhooks'
import Stripe from 'stripe'
import { compare } from './compare.mjs'

const stripe = new Stripe('sk_test_none')

const libraries = {
  stripe: (v, body, header) => {
    stripe.webhooks.constructEvent(body, header('stripe-signature'), v.key, 300, undefined, v.unix * 1000)
    return true
  },
  github: (v, body, header) => verify(v.key, body.toString(), header('x-hub-signature-256') ?? ''),
  'standard-webhooks': (v, body, header) => {
    const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature']
    const now = Date.now
    Date.now = () => v.unix * 1000
    try {
      new Webhook(v.key).verify(body.toString(), Object.fromEntries(names.map((name) => [name, header(name)])))
    } finally {
      Date.now = now
    }
    return true
  },
}

const [scheme, file] = process.argv.slice(2)
process.exitCode = await compare('node', scheme, JSON.parse(readFileSync(file, 'utf8')), libraries[scheme])
