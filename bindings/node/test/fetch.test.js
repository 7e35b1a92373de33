'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { tokenFetch } = require('stytch-m2m/fetch');
const { client, m2mClient, serve, stytch, tokenRequests } = require('./support');

/** An API that accepts the tokens in `good`, or all, and the requests it has seen. */
async function api(t, { good, challenge = 'Bearer error="invalid_token"' } = {}) {
  const seen = [];
  const origin = await serve(t, async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const token = request.headers.authorization?.replace('Bearer ', '');
    seen.push({ method: request.method, url: request.url, token, body });
    if (good && !good(token)) response.writeHead(401, { 'www-authenticate': challenge });
    response.end(body);
  });
  return { origin, seen };
}

async function source(t) {
  const { client_id, client_secret } = await m2mClient(t);
  return { client_id, source: new stytch.TokenSource({ client_id, client_secret }) };
}

/** A source of tokens of which no two are equal, and how many it has given out. */
async function numbered(t) {
  const given = { tokens: 0 };
  const token_url = await serve(t, (_, response) => {
    given.tokens += 1;
    const token = { access_token: `token-${given.tokens}`, token_type: 'bearer', expires_in: 3600 };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(token));
  });
  const settings = { token_url, client_id: 'id', client_secret: 'a-secret' };
  return { given, source: new stytch.TokenSource(settings) };
}

test('requests carry the token, to the given origins alone', async (t) => {
  const { origin, seen } = await api(t);
  const { client_id, source: tokens } = await source(t);
  const send = tokenFetch({ source: tokens, origins: [origin] });
  const response = await send(`${origin}/a`, { method: 'POST', body: 'text', headers: { 'x-a': 'b' } });
  assert.equal(await response.text(), 'text');
  await send(new Request(`${origin}/b`));
  const { access_token: token } = await tokens.getToken();
  assert.deepEqual(seen, [
    { method: 'POST', url: '/a', token, body: 'text' },
    { method: 'GET', url: '/b', token, body: '' },
  ]);
  assert.equal(await tokenRequests(client_id), 1);
  assert.equal((await client.m2m.authenticateToken({ access_token: token })).client_id, client_id);

  const other = await api(t);
  await assert.rejects(send(other.origin), { code: 'invalid_config', field: 'origins' });
  assert.deepEqual(other.seen, []);
  for (const bad of ['example.com', 'https://example.com/path', '*']) {
    assert.throws(() => tokenFetch({ source: tokens, origins: [bad] }), { field: 'origins' });
  }
});

test('a refused token is replaced and the request repeated, once', async (t) => {
  const { given, source } = await numbered(t);
  const { origin, seen } = await api(t, { good: (token) => token !== 'token-1' });
  const send = tokenFetch({ source, origins: [origin] });
  const response = await send(origin, { method: 'PUT', body: 'text' });
  assert.deepEqual([response.status, await response.text()], [200, 'text']);
  const requests = seen.map(({ token, body }) => [token, body]);
  assert.deepEqual(requests, [['token-1', 'text'], ['token-2', 'text']]);
  assert.equal(given.tokens, 2);
});

test('a server that refuses every token is asked twice and no more', async (t) => {
  const { given, source } = await numbered(t);
  const { origin, seen } = await api(t, { good: () => false });
  const send = tokenFetch({ source, origins: [origin] });
  assert.equal((await send(origin)).status, 401);
  assert.equal(seen.length, 2);
  assert.equal(given.tokens, 2);
  // Another replacement so soon would be the same storm at the token endpoint.
  assert.equal((await send(origin)).status, 401);
  assert.equal(given.tokens, 2);
});

test('a stream, or a 401 for another reason, is not repeated', async (t) => {
  const { source: tokens } = await source(t);
  const refusing = await api(t, { good: () => false });
  const send = tokenFetch({ source: tokens, origins: [refusing.origin] });
  const body = new Blob(['text']).stream();
  assert.equal((await send(refusing.origin, { method: 'POST', body, duplex: 'half' })).status, 401);
  assert.equal(refusing.seen.length, 1);

  const other = await api(t, { good: () => false, challenge: 'Bearer error="insufficient_user"' });
  assert.equal((await tokenFetch({ source: tokens, origins: [other.origin] })(other.origin)).status, 401);
  assert.equal(other.seen.length, 1);
});

test('an abort ends the request', async (t) => {
  const { source: tokens } = await source(t);
  const origin = await serve(t, () => {});
  const controller = new AbortController();
  const pending = tokenFetch({ source: tokens, origins: [origin] })(origin, { signal: controller.signal });
  controller.abort();
  await assert.rejects(pending, { name: 'AbortError' });
});
