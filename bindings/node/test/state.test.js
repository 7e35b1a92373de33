'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { Issuer, client, closedPort, m2mClient, serve, stytch, tokenRequests } = require('./support');

const NONE = { hits: 0, misses: 0, refreshes: 0, failures: 0, stale_served: 0, flights_joined: 0 };
const issuer = new Issuer();

/** A verifier whose keys are fetched from `jwks_url`. */
function verifierOf(jwks_url, settings = {}) {
  const { jwks: _, ...config } = issuer.config;
  return new stytch.TokenVerifier({ issuers: [{ ...config, jwks_url }], ...settings });
}

test('stats count what the caches do', async (t) => {
  const { client_id, client_secret } = await m2mClient(t);
  const grant = { client_id, client_secret };
  const own = new stytch.Client();
  const { m2m } = own;
  assert.deepEqual(own.stats(), { tokens: NONE, keys: NONE });
  const [{ access_token }] = await Promise.all([m2m.token(grant), m2m.token(grant)]);
  await m2m.token(grant);
  await m2m.authenticateToken({ access_token });
  await m2m.authenticateToken({ access_token });
  const tokens = { ...NONE, hits: 1, misses: 2, refreshes: 1, flights_joined: 1 };
  assert.deepEqual(own.stats().tokens, tokens);
  assert.equal(own.stats().keys.refreshes, 1);
  assert.equal(own.stats().keys.misses, 1);

  const source = new stytch.TokenSource(grant);
  await source.getToken();
  await source.getToken();
  assert.deepEqual(source.stats(), { ...NONE, hits: 1, misses: 1, refreshes: 1 });

  const verifier = verifierOf(await closedPort());
  await assert.rejects(verifier.warmUp(), { code: 'keys_unavailable' });
  assert.equal(verifier.stats().failures, 1);
});

test('a token that a server refused is not returned again', async (t) => {
  const { client_id, client_secret } = await m2mClient(t);
  const { access_token } = await client.m2m.token({ client_id, client_secret });
  client.m2m.invalidateToken({ access_token });
  await client.m2m.token({ client_id, client_secret });
  assert.equal(await tokenRequests(client_id), 2);
  assert.throws(() => client.m2m.invalidateToken({ token: access_token }), { field: 'token' });
});

test('health tells how good the keys are', async (t) => {
  const url = await serve(t, (_, response) => response.end(JSON.stringify(issuer.jwks)));
  const verifier = verifierOf(url);
  const [missing] = verifier.health();
  assert.deepEqual(missing, {
    issuer: issuer.name,
    state: 'missing',
    keys: 0,
    skipped_keys: [],
    fetched_at: null,
    age_seconds: null,
    failures: 0,
    last_failure: null,
    last_failure_message: null,
    retry_after_seconds: null,
    unknown_kids: 0,
    cooldown_hits: 0,
  });
  await verifier.warmUp();
  await assert.rejects(verifier.authenticateToken({ access_token: new Issuer('other').sign() }));
  const [{ fetched_at, age_seconds, ...fresh }] = verifier.health();
  assert(Math.abs(fetched_at - Date.now()) < 60_000 && age_seconds < 60);
  assert.deepEqual([fresh.state, fresh.keys], ['fresh', 1]);
  assert(fresh.unknown_kids > 0);

  const failing = verifierOf(await closedPort());
  await assert.rejects(failing.warmUp());
  const [{ failures, last_failure, retry_after_seconds }] = failing.health();
  assert.deepEqual([failures, last_failure], [1, 'network']);
  assert(retry_after_seconds > 0);
});

test('an exported key set spares a verifier the network', async (t) => {
  const { client_id, client_secret } = await m2mClient(t);
  const { access_token } = await client.m2m.token({ client_id, client_secret });
  await client.m2m.warmUp();
  const [exported] = client.m2m.exportJwks();
  assert(Math.abs(exported.fetched_at - Date.now()) < 600_000);

  const [config] = [stytch.IssuerConfig.stytch({ project_id: client.project_id })];
  const issuers = [{ ...config, jwks_url: `${await closedPort()}/jwks` }];
  const offline = new stytch.TokenVerifier({ issuers });
  offline.seedJwks(exported);
  assert.equal(offline.authenticateTokenSync({ access_token }).client_id, client_id);
  assert.equal(offline.health()[0].state, 'fresh');
  assert.deepEqual(offline.exportJwks().map((set) => set.jwks), [exported.jwks]);
});

test('a bad seed is refused by name', async () => {
  const verifier = verifierOf(await closedPort());
  const { jwks } = issuer;
  const fetched_at = new Date();
  for (const [seed, field] of [
    [{ jwks, fetched_at, issuer: 'https://other.example.com' }, 'issuer'],
    [{ jwks: 'no JSON', fetched_at }, 'jwks'],
    [{ jwks: { keys: [] }, fetched_at }, 'jwks'],
    [{ jwks }, 'fetched_at'],
    [{ jwks, fetched_at: new Date(NaN) }, 'fetched_at'],
    [{ jwks, fetched_at: new Date(-1) }, 'fetched_at'],
    [{ fetched_at }, 'jwks'],
  ]) {
    assert.throws(() => verifier.seedJwks(seed), { code: 'invalid_config', field });
  }
  assert.equal(verifier.health()[0].state, 'missing');
});

test('off the thread, verification says the same', async (t) => {
  const { client_id, client_secret } = await m2mClient(t);
  const { access_token } = await client.m2m.token({ client_id, client_secret });
  const here = await client.m2m.authenticateToken({ access_token });
  const there = await client.m2m.authenticateToken({ access_token, off_thread: true });
  assert.deepEqual(there, here);
  const lacking = { access_token, required_scopes: ['x:y'], off_thread: true };
  await assert.rejects(client.m2m.authenticateToken(lacking), { missing_scopes: ['x:y'] });
});

test('what is closed says so, and calls under way end as they would', async (t) => {
  const { client_id, client_secret } = await m2mClient(t);
  const grant = { client_id, client_secret };
  const own = new stytch.Client();
  const source = new stytch.TokenSource(grant);
  const verifier = new stytch.TokenVerifier({ issuers: [issuer.config] });
  const access_token = issuer.sign();
  verifier.authenticateTokenSync({ access_token });
  const pending = [own.m2m.token(grant), source.getToken()];
  for (const service of [own, source, verifier, own]) service.close();
  const [one, other] = await Promise.all(pending);
  assert(one.access_token && other.access_token);

  const { m2m } = own;
  const calls = {
    client: [
      () => m2m.token(grant),
      () => m2m.clients.create({ scopes: [] }),
      () => m2m.clients.get({ client_id }),
      () => m2m.clients.update({ client_id }),
      () => m2m.clients.delete({ client_id }),
      () => m2m.clients.search(),
      async () => m2m.clients.searchAll(),
      () => m2m.clients.secrets.rotateStart({ client_id }),
      () => m2m.clients.secrets.rotate({ client_id }),
      () => m2m.clients.secrets.rotateCancel({ client_id }),
      async () => own.stats(),
      async () => m2m.invalidateToken({ access_token }),
    ],
    source: [
      () => source.getToken(),
      () => source.authorizationHeader(),
      async () => source.invalidate({ access_token }),
      async () => source.stats(),
    ],
    verifier: [m2m, verifier].flatMap((closed) => [
      () => closed.authenticateToken({ access_token }),
      () => closed.authenticateToken({ access_token, off_thread: true }),
      async () => closed.authenticateTokenSync({ access_token }),
      () => closed.warmUp(),
      async () => closed.health(),
      async () => closed.exportJwks(),
      async () => closed.seedJwks({ jwks: issuer.jwks, fetched_at: new Date() }),
    ]),
  };
  for (const [field, each] of Object.entries(calls)) {
    for (const call of each) {
      await assert.rejects(call, { code: 'invalid_config', field, message: /is closed/ }, String(call));
    }
  }
});
