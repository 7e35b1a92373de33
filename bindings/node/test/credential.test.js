// How a client proves itself at the token endpoint, and where its secrets come from.
'use strict';

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
const { inspect } = require('node:util');
const { Worker } = require('node:worker_threads');
const { Emulator } = require('stytch-m2m/testing');
const { client, m2mClient, serve, stytch, until } = require('./support');

const { TokenSource } = stytch;

function folder(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stytch-m2m-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  return folder;
}

/** A token endpoint that notes what it is asked, and refuses what `accepts` does. */
async function endpoint(t, accepts = () => true) {
  const asked = [];
  const url = await serve(t, async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    asked.push({ form, authorization: request.headers.authorization });
    response.setHeader('content-type', 'application/json');
    if (!accepts(form)) response.writeHead(401).end('{"error":"invalid_client"}');
    else response.end(JSON.stringify({ access_token: `token-${asked.length}`, token_type: 'Bearer', expires_in: 3600 }));
  });
  return { token_url: `${url}/token`, asked };
}

test('a secret is a value, a file, a variable or a function', async (t) => {
  const { client_id, client_secret } = await m2mClient(t);
  const file = path.join(folder(t), 'secret');
  fs.writeFileSync(file, `${client_secret}\n`, { mode: 0o600 });
  process.env.CREDENTIAL_TEST_SECRET = client_secret;
  t.after(() => delete process.env.CREDENTIAL_TEST_SECRET);
  const sources = [
    client_secret,
    { file },
    { env: 'CREDENTIAL_TEST_SECRET' },
    () => client_secret,
    async () => client_secret,
  ];
  for (const source of sources) {
    const tokens = new TokenSource({ client_id, client_secret: source });
    const { access_token } = await tokens.getToken();
    assert.equal((await client.m2m.authenticateToken({ access_token })).client_id, client_id);
    assert(!inspect(tokens, { showHidden: true, depth: 9 }).includes(client_secret));
  }
});

test('a function is called once for all callers, and again when the server refuses its secret', async (t) => {
  let [current, calls] = ['old', 0];
  const { token_url, asked } = await endpoint(t, (form) => form.get('client_secret') === current);
  const source = new TokenSource({
    token_url,
    client_id: 'a-client',
    client_secret: async () => {
      calls += 1;
      return current;
    },
  });
  const tokens = await Promise.all(Array.from({ length: 20 }, () => source.getToken()));
  assert.deepEqual([new Set(tokens.map(({ access_token }) => access_token)).size, calls], [1, 1]);
  current = 'new';
  source.invalidate({ access_token: tokens[0].access_token });
  await source.getToken();
  assert.equal(calls, 2);
  assert.deepEqual(asked.map(({ form }) => form.get('client_secret')), ['old', 'old', 'new']);
});

test('a file is read again when it has changed, and the next secret keeps a rotation from refusing anybody', async (t) => {
  const { client_id, client_secret } = await m2mClient(t);
  const file = path.join(folder(t), 'secret');
  fs.writeFileSync(file, client_secret, { mode: 0o600 });
  const { secrets } = client.m2m.clients;
  const { m2m_client } = await secrets.rotateStart({ client_id });
  const source = new TokenSource({ client_id, client_secret: { file } });
  const both = new TokenSource({ client_id, client_secret, next_client_secret: m2m_client.next_client_secret });
  const refresh = async (source) => {
    const { access_token } = await source.getToken();
    const { refreshes } = source.stats();
    source.invalidate({ access_token });
    await source.getToken();
    // Two tokens of one second may be the same.
    return source.stats().refreshes > refreshes;
  };
  await both.getToken();
  fs.writeFileSync(file, m2m_client.next_client_secret);
  await secrets.rotate({ client_id });
  assert.deepEqual([await refresh(both), await refresh(source)], [true, true]);
});

test('what a function does wrong is told without its secret, and the next call tries again', async (t) => {
  const { token_url } = await endpoint(t);
  const source = (client_secret) => new TokenSource({ token_url, client_id: 'a-client', client_secret });
  const thrown = () => {
    throw new RangeError('the vault is sealed');
  };
  for (const [secret, code, message] of [
    [thrown, 'network', /client_secret.*RangeError: the vault is sealed/],
    [async () => thrown(), 'network', /client_secret.*RangeError: the vault is sealed/],
    [async () => Promise.reject(7), 'network', /client_secret.*number/],
    [() => 7, 'network', /client_secret.*did not return a string/],
    [() => '', 'invalid_config', /client_secret/],
  ]) {
    await assert.rejects(source(secret).getToken(), { code, message });
  }
  let isSealed = true;
  const sealed = source(() => (isSealed ? thrown() : 'a-secret'));
  await assert.rejects(sealed.getToken(), { code: 'network' });
  isSealed = false;
  await until('it tries again', () => sealed.getToken().then(() => true, () => false));
});

const pair = (type, options) => crypto.generateKeyPairSync(type, options);

test('a private key signs assertions: PEM or JWK, of each kind, against a server that is discovered', async (t) => {
  const kinds = {
    RS256: pair('rsa', { modulusLength: 2048 }),
    ES256: pair('ec', { namedCurve: 'P-256' }),
    ES384: pair('ec', { namedCurve: 'P-384' }),
    EdDSA: pair('ed25519'),
  };
  const jwk = (key, alg) => ({ ...key.export({ format: 'jwk' }), kid: alg, alg });
  const clients = Object.entries(kinds).map(([alg, { publicKey }]) => ({
    client_id: alg, token_endpoint_auth_methods: ['private_key_jwt'], jwks: { keys: [jwk(publicKey, alg)] },
  }));
  const emulator = await Emulator.start({ seed: { clients, token_settings: { custom_domain: true } } });
  t.after(() => emulator.stop());
  const issuer = emulator.base_url;
  const verifier = new stytch.TokenVerifier({ issuers: [stytch.IssuerConfig.discover({ issuer, audiences: [emulator.project_id] })] });
  for (const [alg, { privateKey }] of Object.entries(kinds)) {
    const keys = [
      { private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }), key_id: alg, signing_algorithm: alg },
      { private_key: async () => JSON.stringify(jwk(privateKey, alg)) },
    ];
    for (const key of keys) {
      const { access_token } = await new TokenSource({ issuer, client_id: alg, ...key }).getToken();
      assert.equal((await verifier.authenticateToken({ access_token })).client_id, alg);
    }
  }
});

test('with discovery the method is what the server offers, and otherwise what is given', async (t) => {
  const clients = [{ client_id: 'a-client', client_secret: 'a secret: 1%', token_endpoint_auth_methods: ['client_secret_basic'] }];
  const emulator = await Emulator.start({ seed: { clients, token_settings: { custom_domain: true } } });
  t.after(() => emulator.stop());
  const grant = { client_id: 'a-client', client_secret: 'a secret: 1%' };
  await new TokenSource({ issuer: emulator.base_url, ...grant }).getToken();
  const token_url = `${emulator.base_url}/v1/public/${emulator.project_id}/oauth2/token`;
  await new TokenSource({ token_url, ...grant, client_auth: 'client_secret_basic' }).getToken();
  await assert.rejects(new TokenSource({ token_url, ...grant }).getToken(), { code: 'authentication', message: /client_secret_basic/ });
});

test('an assertion from a file, resource and audience reach the token endpoint', async (t) => {
  const { token_url, asked } = await endpoint(t);
  const file = path.join(folder(t), 'token');
  fs.writeFileSync(file, 'a.b.c', { mode: 0o600 });
  const resource = ['https://api.example.com/a', 'https://api.example.com/b'];
  const settings = { token_url, client_id: 'a-client' };
  await new TokenSource({ ...settings, client_assertion: { file }, resource, audience: 'billing' }).getToken();
  await new TokenSource({ token_url, assertion: { file }, resource: resource[0] }).getToken();
  await new TokenSource({ ...settings, client_auth: 'none' }).getToken();
  const [first, second, third] = asked.map(({ form }) => form);
  assert.deepEqual([first.get('client_assertion'), first.getAll('resource'), first.get('audience')], ['a.b.c', resource, 'billing']);
  assert.equal(second.get('grant_type'), 'urn:ietf:params:oauth:grant-type:jwt-bearer');
  assert.deepEqual([second.get('assertion'), second.getAll('resource')], ['a.b.c', [resource[0]]]);
  assert.deepEqual([third.get('client_id'), third.has('client_secret')], ['a-client', false]);
});

test('a refused request leads to the authorization server of its resource', async (t) => {
  const emulator = await Emulator.start({ seed: { token_settings: { custom_domain: true } } });
  t.after(() => emulator.stop());
  let resource;
  const origin = await serve(t, (request, response) => {
    if (request.url !== '/metadata') {
      response.writeHead(401, { 'www-authenticate': `Bearer scope="read:orders", resource_metadata="${origin}/metadata"` }).end();
      return;
    }
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ resource, authorization_servers: [emulator.base_url] }));
  });
  const url = `${origin}/orders`;
  const www_authenticate = (await fetch(url)).headers.get('www-authenticate');
  resource = url;
  const found = await stytch.ProtectedResource.discover({ url, www_authenticate });
  assert.deepEqual(found, { resource, authorization_servers: [emulator.base_url], scopes: ['read:orders'] });
  assert.deepEqual(await stytch.ProtectedResource.discover({ url, www_authenticate: [www_authenticate] }), found);
  resource = 'https://another.example.com/orders';
  await assert.rejects(stytch.ProtectedResource.discover({ url, www_authenticate }), { code: 'unexpected_response' });
  await assert.rejects(stytch.ProtectedResource.discover({ url: 'not a URL' }), { code: 'invalid_config', field: 'url' });
  const signal = AbortSignal.abort();
  await assert.rejects(stytch.ProtectedResource.discover({ url, signal }), { name: 'AbortError' });
});

test('a source takes everything from the environment, and a worker from its own', async (t) => {
  const { token_url, asked } = await endpoint(t);
  const file = path.join(folder(t), 'secret');
  fs.writeFileSync(file, 'of-the-file', { mode: 0o600 });
  const set = { STYTCH_CLIENT_ID: 'of-the-environment', STYTCH_CLIENT_SECRET_FILE: file, STYTCH_TOKEN_URL: token_url };
  t.after(() => Object.keys(set).forEach((name) => delete process.env[name]));
  Object.assign(process.env, set);
  await new TokenSource().getToken();
  await new TokenSource({ client_id: 'given', client_secret: 'given' }).getToken();

  const worker = new Worker(
    `const { TokenSource } = require('stytch-m2m');
     const { parentPort } = require('node:worker_threads');
     new TokenSource().getToken().then(() => new TokenSource({ client_id: 'b', client_secret: { env: 'OWN' } }).getToken())
       .then(() => parentPort.postMessage('done'), (error) => parentPort.postMessage(error.message));`,
    { eval: true, env: { STYTCH_CLIENT_ID: 'of-the-worker', STYTCH_CLIENT_SECRET: 'worker', STYTCH_TOKEN_URL: token_url, OWN: 'own' } },
  );
  assert.deepEqual(await once(worker, 'message'), ['done']);
  const seen = asked.map(({ form }) => [form.get('client_id'), form.get('client_secret')]);
  assert.deepEqual(seen, [['of-the-environment', 'of-the-file'], ['given', 'given'], ['of-the-worker', 'worker'], ['b', 'own']]);
  process.env.STYTCH_CLIENT_SECRET = 'both';
  t.after(() => delete process.env.STYTCH_CLIENT_SECRET);
  assert.throws(() => new TokenSource(), { code: 'invalid_config', message: /STYTCH_CLIENT_SECRET_FILE/ });
});

test("a project's secret changes under a running client", async (t) => {
  const { project_id, base_url, secret } = Object.fromEntries(
    ['project_id', 'base_url', 'secret'].map((name) => [name, process.env[`STYTCH_${name.toUpperCase()}`]]),
  );
  let calls = 0;
  const changing = async () => ((calls += 1) === 1 ? 'secret-test-old' : secret);
  const { m2m } = new stytch.Client({ project_id, base_url, secret: changing });
  await m2m.clients.search({ limit: 1 });
  await m2m.clients.search({ limit: 1 });
  assert.equal(calls, 2);
  const file = path.join(folder(t), 'secret');
  fs.writeFileSync(file, secret, { mode: 0o600 });
  await new stytch.Client({ project_id, base_url, secret: { file } }).m2m.clients.search({ limit: 1 });
});

test('sources and methods that are none are refused when they are given', () => {
  const grant = { client_id: 'a-client', project_id: 'project-test-1' };
  for (const bad of [7, {}, { file: 7 }, { file: 'a', env: 'b' }, { path: 'a' }, [], { value: 'a' }]) {
    const wrong = { code: 'invalid_config', field: 'client_secret', message: /\{ file: path \}/ };
    assert.throws(() => new TokenSource({ ...grant, client_secret: bad }), wrong, inspect(bad));
    assert.throws(() => new stytch.Client({ project_id: grant.project_id, secret: bad }), { field: 'secret' });
  }
  const secret = { client_secret: 'a-secret' };
  assert.throws(() => new TokenSource({ ...grant, ...secret, client_auth: 'basic' }), { field: 'client_auth' });
  assert.throws(() => new TokenSource({ ...grant, ...secret, private_key: 'x' }), { field: 'private_key' });
  assert.throws(() => new TokenSource({ ...grant, private_key: 'canary' }), (error) => {
    assert.equal(error.field, 'private_key');
    assert(!inspect(error, { showHidden: true }).includes('canary'));
    return true;
  });
  assert.throws(() => new TokenSource({ ...grant, ...secret, resource: [7] }), { field: 'resource' });
  assert.throws(() => new TokenSource({ project_id: 'project-test-1' }), { code: 'invalid_config' });
});
