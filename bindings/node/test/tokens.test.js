'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { client, m2mClient, stytch, tokenRequests } = require('./support');

test('a token comes from the cache, and afresh when forced', async (t) => {
  const { client_id, client_secret } = await m2mClient(t);
  const grant = { client_id, client_secret };
  const token = await client.m2m.token(grant);
  assert.equal(token.token_type, 'bearer');
  assert.equal(token.status_code, 200);
  assert(token.expires_in > 3500 && token.expires_in <= 3600);
  assert(Math.abs(token.expires_at - Date.now() - 3_600_000) < 60_000);

  assert.equal((await client.m2m.token(grant)).access_token, token.access_token);
  assert.equal(await tokenRequests(client_id), 1);
  await client.m2m.token({ ...grant, scopes: ['read:users'] });
  assert.equal(await tokenRequests(client_id), 2);
  await client.m2m.token({ ...grant, force_refresh: true });
  assert.equal(await tokenRequests(client_id), 3);
});

test('many callers share one request', async (t) => {
  const { client_id, client_secret } = await m2mClient(t);
  const calls = Array.from({ length: 500 }, () => client.m2m.token({ client_id, client_secret }));
  const tokens = new Set((await Promise.all(calls)).map((token) => token.access_token));
  assert.equal(tokens.size, 1);
  assert.equal(await tokenRequests(client_id), 1);
});

test('a source needs no project secret, and caches', async (t) => {
  const { client_id, client_secret } = await m2mClient(t);
  const source = new stytch.TokenSource({ client_id, client_secret, scopes: ['read:users'] });
  const tokens = await Promise.all(Array.from({ length: 100 }, () => source.getToken()));
  assert.equal(new Set(tokens.map((token) => token.access_token)).size, 1);
  assert.equal(await source.authorizationHeader(), `Bearer ${tokens[0].access_token}`);
  assert.equal(await tokenRequests(client_id), 1);
  const { scopes } = await client.m2m.authenticateToken({
    access_token: tokens[0].access_token,
  });
  assert.deepEqual(scopes, ['read:users']);
});

test('an invalidated token is replaced, once', async (t) => {
  const { client_id, client_secret } = await m2mClient(t);
  const source = new stytch.TokenSource({ client_id, client_secret });
  const { access_token } = await source.getToken();
  source.invalidate({ access_token });
  await source.getToken();
  assert.equal(await tokenRequests(client_id), 2);
  source.invalidate({ access_token });
  await source.getToken();
  assert.equal(await tokenRequests(client_id), 2);
});

test('what the server refuses is a typed error', async (t) => {
  const { client_id, client_secret } = await m2mClient(t);
  await assert.rejects(client.m2m.token({ client_id, client_secret: 'a-wrong-secret' }), (error) => {
    assert(error instanceof stytch.AuthenticationError);
    assert(error instanceof stytch.StytchM2MError);
    assert.equal(error.error_type, 'invalid_client');
    return true;
  });
  await assert.rejects(
    client.m2m.token({ client_id, client_secret, scopes: ['not:mine'] }),
    stytch.InvalidRequestError,
  );
});
