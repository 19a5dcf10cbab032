// Asks a running sandbox for its OpenAPI document, has it validated, and holds the sandbox's answers against it.
import fs from 'node:fs';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { Validator } from '@seriousme/openapi-schema-validator';
import SwaggerParser from '@apidevtools/swagger-parser';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const ready = process.argv[2];
for (let i = 0; i < 300 && !fs.existsSync(ready); i++) await pause(100);
const base = 'http://' + fs.readFileSync(ready, 'utf8').trim().replace(/^http:\/\//, '');

const problems = [];
let checks = 0;
const check = (ok, text) => { checks++; if (!ok) problems.push(text); };

const doc = await (await fetch(base + '/openapi.json')).json();
const verdict = await new Validator().validate(structuredClone(doc));
check(verdict.valid, 'openapi-schema-validator: ' + JSON.stringify(verdict.errors));
try {
  await SwaggerParser.validate(structuredClone(doc));
  checks++;
} catch (e) {
  problems.push('swagger-parser: ' + e.message);
}
check(doc.openapi.startsWith('3.1.'), 'version ' + doc.openapi);

const ajv = new Ajv.default({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(doc, 'doc');
const pointer = (...parts) => parts.map((p) => '/' + p.replaceAll('~', '~0').replaceAll('/', '~1')).join('');

// call makes one request and holds status and body against the document. It gives the body.
const seen = new Set();
async function call(method, path, params = {}, { body, token = 'whctl-sandbox-token', query = '' } = {}) {
  const url = base + path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(params[name])) + query;
  const headers = { authorization: 'Bearer ' + token };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const answer = await fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const value = await answer.json();
  const at = `${method} ${path} ${answer.status}`;
  seen.add(`${method} ${path}`);
  const responses = doc.paths[path][method.toLowerCase()].responses;
  let where = ['paths', path, method.toLowerCase(), 'responses', String(answer.status)];
  const response = responses[answer.status];
  check(response !== undefined, at + ' is not described');
  if (response === undefined) return value;
  if (response.$ref) where = response.$ref.slice(2).split('/');
  const validate = ajv.compile({ $ref: 'doc#' + pointer(...where, 'content', 'application/json', 'schema').replace(/[{}]/g, encodeURIComponent) });
  check(validate(value), at + ': ' + ajv.errorsText(validate.errors));
  return value;
}

const none = '00000000-0000-4000-8000-000000000000';
const made = await call('POST', '/v1/webhooks', {}, { body: { name: 'n', url: 'https://hooks.acme.test/', event_types: ['*'], metadata: { a: 1 } } });
const id = made.data.id;
await call('POST', '/v1/webhooks', {}, { body: { name: 'n', url: 'http://hooks.acme.test/', event_types: ['*'] } });
await call('POST', '/v1/webhooks', {}, { body: {}, token: 'whctl-sandbox-read-only-token' });
await call('GET', '/v1/webhooks');
await call('GET', '/v1/webhooks', {}, { token: 'wrong' });
await call('GET', '/v1/webhooks/{id}', { id });
await call('GET', '/v1/webhooks/{id}', { id: none });
await call('PUT', '/v1/webhooks/{id}', { id }, { body: { is_active: true } });
await call('PUT', '/v1/webhooks/{id}', { id }, { body: { event_types: [] } });
await call('POST', '/v1/webhooks/{id}/rotate-key', { id });
for (const webhook of await call('GET', '/v1/webhooks')) await call('GET', '/v1/webhooks/{id}/logs', { id: webhook.id });
await call('GET', '/v1/webhooks/{id}/logs', { id }, { query: '?limit=0' });
const list = await call('GET', '/v1/webhooks/events', {}, { query: '?limit=100' });
await call('GET', '/v1/webhooks/events', {}, { query: '?status=odd' });
const statuses = new Set();
for (const event of list.events) {
  statuses.add(event.status);
  await call('GET', '/v1/webhooks/events/{eventId}/status', event);
  await call('GET', '/v1/webhooks/events/{eventId}/logs', event);
}
check(statuses.size === 5, 'the fixtures have the statuses ' + [...statuses]);
await call('GET', '/v1/webhooks/events/{eventId}/status', { eventId: none });
const first = list.events[0];
await call('POST', '/v1/webhooks/events/{eventId}/retry', first, { body: { webhookId: id } });
await call('POST', '/v1/webhooks/events/{eventId}/retry', first, { body: { webhookId: 'odd' } });
await call('POST', '/v1/webhooks/events/{eventId}/retry', { eventId: none });
await call('DELETE', '/v1/webhooks/{id}', { id });
await call('DELETE', '/v1/webhooks/{id}', { id });

const described = Object.entries(doc.paths).flatMap(([path, item]) =>
  Object.keys(item).filter((m) => m !== 'parameters').map((m) => `${m.toUpperCase()} ${path}`));
check(described.length === 11, described.length + ' operations are described');
for (const operation of described) check(seen.has(operation), operation + ' was not asked');

for (const problem of problems) console.error('FAIL ' + problem);
console.log(`${checks} checks, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
