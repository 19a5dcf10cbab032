// What each library signs and accepts. A library that only verifies has its formula from the provider's page, and the library judges it.
import { hmacValidator as AdyenValidator } from '@adyen/api-library'
import crc32 from 'buffer-crc32'
import { v2 as cloudinary } from 'cloudinary'
import { WebhookSignatureValidator } from 'mercadopago'
import PayloadValidator from 'sns-payload-validator'
import MessageValidator from 'sns-validator'
import { execFileSync } from 'node:child_process'
import crypto from 'node:crypto'
import { EventEmitter } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const adyen = new AdyenValidator()
const item = (fields) => ({ NotificationRequestItem: fields })
const payment = (more) => ({
  amount: { currency: 'EUR', value: 1130 }, eventCode: 'AUTHORISATION', eventDate: '2026-03-01T12:00:00+01:00', merchantAccountCode: 'TestMerchant',
  merchantReference: 'order:7\\8', pspReference: '7914073381342284', success: 'true', additionalData: {}, ...more,
})

/** The two halves of a pair, and a certificate of a name, in PEM. */
export function rsa(name) {
  const { privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
  const folder = mkdtempSync(join(tmpdir(), 'fields-'))
  const file = join(folder, 'key.pem')
  const signing = privateKey.export({ type: 'pkcs8', format: 'pem' })
  writeFileSync(file, signing)
  execFileSync('openssl', ['req', '-x509', '-new', '-key', file, '-subj', `/CN=${name}`, '-days', '36500', '-out', `${file}.crt`], { stdio: 'ignore' })
  return { signing, verifying: readFileSync(`${file}.crt`, 'utf8') }
}
const text = (name) => ({ signing: name, verifying: name })

// Both validators of SNS fetch the certificate over https. They are given it.
let certificate = ''
https.get = (_url, options, callback) => {
  const answer = Object.assign(new EventEmitter(), { statusCode: 200 })
  setImmediate(() => { (callback ?? options)(answer); answer.emit('data', certificate); answer.emit('end') })
  return new EventEmitter()
}
const certUrl = (n) => `https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-${String(n).padStart(32, '0')}.pem`
let fetches = 0

function sns(version) {
  const names = { Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'] }
  const others = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']
  const base = {
    MessageId: 'da41e39f-ea4d-435a-b922-c6aae3915ebe', TopicArn: 'arn:aws:sns:eu-west-1:123456789012:MyTopic', Message: 'Zoë\nsays "10 €"',
    Timestamp: '2026-03-01T12:00:00.000Z', SignatureVersion: version,
  }
  const confirm = { SubscribeURL: 'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t', Token: 't0k3n' }
  return {
    library: 'sns-payload-validator and sns-validator', scheme: version === '1' ? 'sns' : 'sns.v2', key: rsa('sns.amazonaws.com'), other: rsa('sns.amazonaws.com'),
    bodies: {
      notification: { Type: 'Notification', ...base },
      subject: { Type: 'Notification', Subject: 'a subject', ...base, UnsubscribeURL: 'https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe' },
      subscription: { Type: 'SubscriptionConfirmation', ...base, ...confirm },
      // sns-validator 0.3.5 leaves the token of this type out, and AWS signs it: sns-payload-validator alone is asked.
      unsubscription: { Type: 'UnsubscribeConfirmation', ...base, ...confirm },
    },
    write: (message) => JSON.stringify(message, null, 2),
    sign(text, key) {
      const message = JSON.parse(text)
      const signed = (names[message.Type] ?? others).filter((n) => n in message).map((n) => `${n}\n${message[n]}\n`).join('')
      message.Signature = crypto.sign(version === '1' ? 'sha1' : 'sha256', Buffer.from(signed), key).toString('base64')
      return { body: JSON.stringify(message, null, 2) }
    },
    async accepts({ body }, key) {
      const message = { ...JSON.parse(body), SigningCertURL: certUrl(++fetches) }
      certificate = key
      const one = await new PayloadValidator({ useCache: false }).validate({ ...message }).then(() => true, () => false)
      if (message.Type === 'UnsubscribeConfirmation') return one
      const two = await new Promise((done) => new MessageValidator().validate({ ...message }, (err) => done(!err)))
      if (one !== two) throw new Error(`the two validators of SNS differ: ${one}, ${two}`)
      return one
    },
    spoil: (body) => body.replace('Zoë', 'Zoe'),
  }
}

const cld = (algorithm) => ({
  library: 'cloudinary', scheme: algorithm === 'sha1' ? 'cloudinary' : 'cloudinary.sha256', key: text('Ab3dEf6hIj9k'), other: text('another secret'),
  bodies: { upload: '{"notification_type":"upload","public_id":"a/b","version":1}', unicode: '{"public_id":"Zoë – 10 €"}', empty: '{}' },
  sign(body, key, at) {
    const signature = cloudinary.utils.webhook_signature(body, at, { api_secret: key, signature_algorithm: algorithm })
    return { body, headers: { 'X-Cld-Signature': signature, 'X-Cld-Timestamp': String(at) } }
  },
  accepts({ body, headers }, key) {
    cloudinary.config({ api_secret: key, signature_algorithm: algorithm })
    const real = Date.now
    Date.now = () => (Number(headers['x-cld-timestamp']) + 5) * 1000
    try { return cloudinary.utils.verifyNotificationSignature(body, Number(headers['x-cld-timestamp']), headers['x-cld-signature']) } finally { Date.now = real }
  },
  spoil: (body) => `${body} `,
})

export const libraries = [
  sns('1'), sns('2'), cld('sha1'), cld('sha256'),
  {
    library: '@adyen/api-library', scheme: 'adyen.payments',
    key: text('44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056'), other: text('00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF'),
    bodies: {
      one: { live: 'false', notificationItems: [item(payment({}))] },
      two: { live: 'false', notificationItems: [item(payment({})), item(payment({ eventCode: 'REFUND', originalReference: '8813408133408134', success: 'false' }))] },
      report: { live: 'false', notificationItems: [item(payment({ eventCode: 'REPORT_AVAILABLE', reason: 'https://a.example/r.csv' }))] },
    },
    write: (body) => JSON.stringify(body),
    sign(text, key) {
      const body = JSON.parse(text)
      for (const { NotificationRequestItem: i } of body.notificationItems) i.additionalData.hmacSignature = adyen.calculateHmac(i, key)
      return { body: JSON.stringify(body) }
    },
    accepts: ({ body }, key) => JSON.parse(body).notificationItems.every(({ NotificationRequestItem: i }) => adyen.validateHMAC(i, key)),
    spoil: (body) => body.replace(/"success":"(true|false)"(?!.*"success")/, '"success":"maybe"'),
  },
  {
    library: 'mercadopago', scheme: 'mercadopago', key: text('0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0'), other: text('another secret'),
    bodies: { payment: '{"action":"payment.updated","data":{"id":"123456789"}}', bare: '{"action":"payment.updated"}' },
    url: { payment: 'https://shop.example/hook?data.id=123456789&type=payment', bare: 'https://shop.example/hook' },
    header: { payment: { 'x-request-id': 'bb56a2f1-6aae-46ac-982e-9dcd3581d08e' }, bare: {} },
    sign(body, key, at, { url, header }) {
      const id = new URL(url).searchParams.get('data.id')
      const manifest = (id ? `id:${id};` : '') + (header['x-request-id'] ? `request-id:${header['x-request-id']};` : '') + `ts:${at};`
      return { body, headers: { ...header, 'x-signature': `ts=${at},v1=${crypto.createHmac('sha256', key).update(manifest).digest('hex')}` } }
    },
    accepts({ headers, url }, key) {
      const dataId = new URL(url).searchParams.get('data.id') ?? undefined
      try {
        WebhookSignatureValidator.validate({ xSignature: headers['x-signature'], xRequestId: headers['x-request-id'], dataId, secret: key })
        return true
      } catch { return false }
    },
    spoilURL: (url) => (url.includes('?') ? url.replace('9&', '8&') : `${url}?data.id=1`),
  },
  {
    // PayPal publishes no library that verifies without asking PayPal. Its page signs with buffer-crc32, as is done here.
    library: 'buffer-crc32', scheme: 'paypal', key: rsa('messageverificationcerts.paypal.com'), other: rsa('messageverificationcerts.paypal.com'),
    params: { webhook_id: '8PT597110X687430LKGECATA' },
    bodies: { event: '{"id":"WH-2WR32451HC0233532","event_type":"PAYMENT.SALE.COMPLETED","summary":"10 €"}', spaced: '{ "id": "WH-1" }\n' },
    signed: ({ id, time, body }) => `${id}|${time}|8PT597110X687430LKGECATA|${crc32.unsigned(Buffer.from(body))}`,
    sign(body, key, at) {
      const id = '69cd13f0-d67a-11e5-baa3-778b53f4ae55', time = new Date(at * 1000).toISOString().replace('.000', '')
      const signature = crypto.sign('sha256', Buffer.from(this.signed({ id, time, body })), key).toString('base64')
      return { body, headers: { 'PAYPAL-TRANSMISSION-ID': id, 'PAYPAL-TRANSMISSION-TIME': time, 'PAYPAL-TRANSMISSION-SIG': signature, 'PAYPAL-AUTH-ALGO': 'SHA256withRSA' } }
    },
    accepts({ body, headers }, key) {
      const signed = this.signed({ id: headers['paypal-transmission-id'], time: headers['paypal-transmission-time'], body })
      return crypto.verify('sha256', Buffer.from(signed), new crypto.X509Certificate(key).publicKey, Buffer.from(headers['paypal-transmission-sig'], 'base64'))
    },
    spoil: (body) => `${body} `,
  },
]
