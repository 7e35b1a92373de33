// One customer's token tries every endpoint of tenants.js with every id of the other.

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const http = require('node:http');
const { join } = require('node:path');
const { createInterface } = require('node:readline');
const { after, before, test } = require('node:test');
const { Client } = require('stytch-m2m');
const { Emulator } = require('stytch-m2m/testing');

const TEMPLATE = '{ "org_id": {{ client.trusted_metadata.organization_id }} }';
const SCOPES = ['read:invoices', 'write:invoices'];
const ENDPOINTS = [
  ['GET', '/organizations/{organization}/invoices'],
  ['GET', '/organizations/{organization}/invoices/{number}'],
  ['PUT', '/organizations/{organization}/invoices/{number}'],
  ['DELETE', '/organizations/{organization}/invoices/{number}'],
  ['GET', '/invoices'],
];
// What the caller may add to a token request, hoping that it lands in the token.
const HOPES = ['organization_id', 'org_id', 'organization', 'client.trusted_metadata.organization_id', 'trusted_metadata'];
const DATA = { acme: { 1: 'anvils' }, globex: { 1: 'rockets', 2: 'fuel' } };

let emulator;
before(async () => {
  emulator = await Emulator.start({ seed: { token_settings: { custom_claims_template: TEMPLATE } } });
});
after(() => emulator.stop());

/** The service, and how to call it: a path goes out as it is written, which `fetch` would normalize. */
async function start(t) {
  const { STYTCH_SECRET: _, ...env } = { ...process.env, ...emulator.env };
  const service = spawn(process.execPath, [join(__dirname, 'tenants.js')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(async () => {
    service.kill();
    await once(service, 'exit');
  });
  const [url] = await once(createInterface(service.stdout), 'line');
  const { hostname, port } = new URL(url);
  return async (token, method, path, headers = {}) => {
    const options = { hostname, port, method, path, headers: { ...headers, authorization: `Bearer ${token}` } };
    const request = http.request(options);
    request.end(method === 'PUT' ? 'stolen' : undefined);
    const [response] = await once(request, 'response');
    let body = '';
    for await (const chunk of response.setEncoding('utf8')) body += chunk;
    return { status: response.statusCode, body };
  };
}

/** Every token that this customer's client can get. */
async function tokens(organization_id, other) {
  const { m2m } = new Client(emulator.settings);
  const { m2m_client } = await m2m.clients.create({ scopes: SCOPES, ...(organization_id && { organization_id }) });
  const { client_id, client_secret } = m2m_client;
  const hopes = [{}, ...HOPES.map((name) => ({ [name]: other }))];
  const fetched = hopes.map((extra) => m2m.token({ client_id, client_secret, extra }));
  return (await Promise.all(fetched)).map((token) => token.access_token);
}

for (const [customer, other] of [['acme', 'globex'], ['globex', 'acme']]) {
  test(`${customer} reaches no data of ${other}`, async (t) => {
    const call = await start(t);
    const secret = Object.values(DATA[other]);
    const spellings = [other, other.toUpperCase(), `${other}%2F..%2F${customer}`, `..%2F${other}`];
    spellings.push(`${customer},${other}`, `${customer}%00${other}`, `${other}%20`, `%2e%2e/${other}`, customer);
    let tried = 0;
    for (const token of await tokens(customer, other)) {
      for (const [method, path] of ENDPOINTS) {
        for (const organization of spellings) {
          for (const number of ['1', '2', '3']) {
            const target = path.replace('{organization}', organization).replace('{number}', number);
            const answer = await call(token, method, `${target}?organization=${other}&organization_id=${other}`, {
              'content-type': 'text/plain',
              'x-organization': other,
              'x-organization-id': other,
            });
            tried += 1;
            if (organization !== customer && path.includes('{organization}')) {
              assert([403, 404].includes(answer.status), `${method} ${target}: ${answer.status}`);
            }
            assert([200, 204, 403, 404].includes(answer.status), `${method} ${target}: ${answer.status}`);
            assert(!secret.some((text) => answer.body.includes(text)), `${method} ${target}: ${answer.body}`);
          }
        }
      }
    }
    assert(tried >= 800, `only ${tried}`);
    const [own] = await tokens(other, customer);
    const { body } = await call(own, 'GET', '/invoices');
    assert.deepEqual(JSON.parse(body), DATA[other]);
  });

  test(`${customer} reaches its own data`, async (t) => {
    const call = await start(t);
    const [token] = await tokens(customer, other);
    const base = `/organizations/${customer}/invoices`;
    for (const path of [base, '/invoices']) {
      assert.deepEqual(JSON.parse((await call(token, 'GET', path)).body), DATA[customer]);
    }
    assert.equal((await call(token, 'PUT', `${base}/9`, { 'content-type': 'text/plain' })).status, 204);
    assert.equal((await call(token, 'GET', `${base}/9`)).body, '"stolen"');
    assert.equal((await call(token, 'DELETE', `${base}/9`)).status, 204);
    assert.equal((await call(token, 'GET', `${base}/9`)).status, 404);
  });
}

test('a client without a customer reaches nothing', async (t) => {
  const call = await start(t);
  for (const token of await tokens(undefined, 'acme')) {
    for (const [method, path] of ENDPOINTS) {
      for (const organization of ['acme', 'globex', 'null', 'undefined', '%20']) {
        const target = path.replace('{organization}', organization).replace('{number}', '1');
        assert.equal((await call(token, method, target)).status, 403, `${method} ${target}`);
      }
    }
  }
});
