'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { format, inspect } = require('node:util');
const v8 = require('node:v8');
const { Emulator } = require('stytch-m2m/testing');
const { Issuer, client, closedPort, m2mClient, serve, stytch } = require('./support');

const CANARY = 'canary-9f2c';

/** Another, whose organization is no other test's. */
let emulator;
test.before(async () => (emulator = await Emulator.start()));
test.after(() => emulator.stop());

/** Every way in which a value ends up in a log. */
function printed(value) {
  const deep = { depth: Infinity, showHidden: true, maxStringLength: null, maxArrayLength: null };
  const ways = [
    () => inspect(value, deep),
    () => inspect(value, { ...deep, customInspect: false, showProxy: true }),
    () => inspect({ wrapped: [value] }, deep),
    () => `${value}`,
    () => JSON.stringify(value),
    () => JSON.stringify({ ...value }),
    () => JSON.stringify(Object.assign({}, value)),
    () => inspect(Object.entries(value), deep),
    () => inspect(structuredClone(value), deep),
    () => v8.serialize(value).toString('latin1'),
    () => value.stack,
    () => inspect(value.cause, deep),
  ];
  return ways.map((way) => {
    try {
      return String(way());
    } catch (error) {
      return inspect(error, deep);
    }
  });
}

function assertSilent(what, value, ...secrets) {
  for (const text of printed(value)) {
    for (const secret of [CANARY, ...secrets]) assert(!text.includes(secret), `${what}: ${text}`);
  }
}

test('no secret shows in any value', async (t) => {
  const client_secret = `${CANARY}-client-secret`;
  const { client_id } = await m2mClient(t, { client_secret });
  const created = await client.m2m.clients.create({ scopes: [], client_secret });
  t.after(() => client.m2m.clients.delete({ client_id: created.m2m_client.client_id }));
  const rotation = await client.m2m.clients.secrets.rotateStart({ client_id });
  const { next_client_secret } = rotation.m2m_client;
  const token = await client.m2m.token({ client_id, client_secret });
  const source = new stytch.TokenSource({ client_id, client_secret });
  const held = await source.getToken();

  assert.equal(created.m2m_client.client_secret, client_secret);
  assert.equal(next_client_secret.length, 44);
  assert.match(token.access_token, /^ey/);

  const { STYTCH_SECRET } = process.env;
  assertSilent('the client', client, STYTCH_SECRET);
  assertSilent('its services', client.m2m.clients.secrets, STYTCH_SECRET);
  assertSilent('a configured client', new stytch.B2BClient({ secret: `${CANARY}-project` }));
  assertSilent('a source', source, held.access_token);
  const claims = await client.m2m.authenticateToken({ access_token: token.access_token });
  assertSilent('claims', claims, token.access_token);
});

test('first day 3: a secret in a result is hidden from who looks, and kept by what stores it', async (t) => {
  const { client_id, client_secret } = await m2mClient(t);
  const created = await client.m2m.clients.create({ scopes: [] });
  t.after(() => client.m2m.clients.delete({ client_id: created.m2m_client.client_id }));
  const rotation = await client.m2m.clients.secrets.rotateStart({ client_id });
  const recovered = await client.m2m.clients.secrets.recoverRotation({ client_id });
  const token = await client.m2m.token({ client_id, client_secret });
  const source = await new stytch.TokenSource({ client_id, client_secret }).getToken();
  const again = await new stytch.TokenSource({ client_id, client_secret }).getToken();
  const { organization: credentials } = await emulator.credentials();
  const authorization = `Bearer ${credentials.authorization}`;
  const organization = new stytch.OrganizationClient({ base_url: emulator.base_url, authorization });
  for (const [what, result, owner, name] of [
    ['a created client', created, created.m2m_client, 'client_secret'],
    ['a rotation', rotation, rotation.m2m_client, 'next_client_secret'],
    ['a recovered rotation', recovered, recovered.m2m_client, 'next_client_secret'],
    ['a token', token, token, 'access_token'],
    ["a source's token", source, source, 'access_token'],
    ["a source's cached token", again, again, 'access_token'],
    ["an organization's token", await organization.token(), await organization.token(), 'access_token'],
  ]) {
    const secret = owner[name];
    assert(typeof secret === 'string' && secret.length > 20, what);
    const deep = { depth: Infinity, showHidden: true, maxStringLength: null, maxArrayLength: null, getters: true };
    const looked = [
      ...['%o', '%O', '%s', 'it is'].map((form) => format(form, result)),
      ...[{}, deep, { depth: 0 }, { compact: false, colors: true }].map((options) => inspect(result, options)),
      inspect({ wrapped: [new Map([[1, result]])] }, deep),
      inspect(Object.assign(new Error('with a cause', { cause: result }), { result }), deep),
      `${result}`,
    ];
    for (const text of looked) assert(!text.includes(secret), `${what}: ${text}`);
    const shown = new RegExp(`${name}: \\[hidden\\]`);
    for (const text of [format('%o', result), format('it is', result), inspect(result, deep)]) assert.match(text, shown);
    const kept = [
      JSON.parse(JSON.stringify(owner)),
      { ...owner },
      Object.assign({}, owner),
      structuredClone(owner),
      v8.deserialize(v8.serialize(owner)),
      Object.fromEntries(Object.entries(owner)),
    ];
    for (const copy of kept) assert.equal(copy[name], secret, what);
    const { [name]: destructured } = owner;
    assert.equal(destructured, secret);
    assert.deepEqual(inspect(result, { depth: -1 }), inspect({ a: {} }, { depth: -1 }));
  }
});

test('no secret shows in any error', async (t) => {
  const secret = `${CANARY}-project-secret`;
  const reflecting = await serve(t, (request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      response.writeHead(request.url.length % 2 ? 400 : 502, { 'content-type': 'application/json' });
      response.end(`${Buffer.concat(parts)} ${request.headers.authorization} ${CANARY}`);
    });
  });
  const issuer = new Issuer();
  const claimed = issuer.sign({ sub: `${CANARY}-subject`, aud: `${CANARY}-audience` });
  const grant = { client_id: 'id', client_secret: `${CANARY}-client-secret` };
  const errors = [];
  const collect = (call) => assert.rejects(call, (error) => errors.push(error) > 0);
  for (const base_url of [reflecting, await closedPort(), process.env.STYTCH_BASE_URL]) {
    const { m2m } = new stytch.Client({ secret, base_url, total_timeout_seconds: 2 });
    await collect(() => m2m.token(grant));
    await collect(() => m2m.clients.get({ client_id: 'id' }));
    await collect(() => m2m.clients.create({ scopes: [], client_secret: grant.client_secret }));
    await collect(() => m2m.clients.secrets.rotateStart({ client_id: 'id' }));
    await collect(() => m2m.authenticateToken({ access_token: claimed }));
    await collect(() => m2m.authenticateToken({ access_token: `${CANARY}.${CANARY}.${CANARY}` }));
  }
  const verifier = new stytch.TokenVerifier({ issuers: [issuer.config] });
  await collect(() => verifier.authenticateToken({ access_token: claimed }));
  await collect(() => client.m2m.token({ ...grant, client_secret: `${CANARY}\n` }));
  await collect(() => client.m2m.token({ ...grant, scopes: [`${CANARY} "`] }));
  await collect(async () => new stytch.Client({ secret: `${CANARY} ` }));
  await collect(async () => new stytch.Client({ base_url: `https://u:${CANARY}@example.com` }));
  assert.equal(errors.length, 23);
  for (const error of errors) {
    assert(error instanceof stytch.StytchM2MError, inspect(error));
    assertSilent(error.code, error, claimed);
  }
});
