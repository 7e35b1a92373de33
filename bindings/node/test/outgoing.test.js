'use strict';

const assert = require('node:assert/strict');
const { Readable } = require('node:stream');
const test = require('node:test');
const axios = require('axios');
const undici = require('undici');
const { attachTokens } = require('stytch-m2m/axios');
const { tokenFetch } = require('stytch-m2m/fetch');
const { tokenInterceptor } = require('stytch-m2m/undici');
const { closedPort, m2mClient, serve, stytch, tokenRequests } = require('./support');

/** An API that accepts the tokens in `good`, or all, and the requests it has seen. */
async function api(t, { good, answer, challenge = 'Bearer error="invalid_token"' } = {}) {
  const seen = [];
  const origin = await serve(t, async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const token = request.headers.authorization?.replace('Bearer ', '');
    seen.push({ method: request.method, url: request.url, token, body });
    if (good && !good(token)) response.writeHead(401, { 'www-authenticate': challenge });
    response.end(answer ?? body);
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

/** The same in each HTTP client: what sends a request, and tells the answer's status and text. */
const CLIENTS = {
  fetch(settings) {
    const send = tokenFetch(settings);
    return async (url, { stream, ...init } = {}) => {
      const body = stream ? { body: new Blob([stream]).stream(), duplex: 'half' } : {};
      const response = await send(url, { ...init, ...body });
      return { status: response.status, text: await response.text() };
    };
  },
  undici(settings) {
    const dispatcher = new undici.Agent().compose(tokenInterceptor(settings));
    return async (url, { stream, ...init } = {}) => {
      const body = stream ? { body: Readable.from([stream]) } : {};
      const response = await undici.request(url, { ...init, ...body, dispatcher });
      return { status: response.statusCode, text: await response.body.text() };
    };
  },
  'undici fetch'(settings) {
    const dispatcher = new undici.Agent().compose(tokenInterceptor(settings));
    return async (url, { stream, ...init } = {}) => {
      const body = stream ? { body: new Blob([stream]).stream(), duplex: 'half' } : {};
      const response = await undici.fetch(url, { ...init, ...body, dispatcher });
      return { status: response.status, text: await response.text() };
    };
  },
  axios(settings, options = { validateStatus: () => true }) {
    const instance = axios.create({ ...options, responseType: 'text' });
    attachTokens(instance, settings);
    return async (url, { stream, body = stream && Readable.from([stream]), ...init } = {}) => {
      const response = await instance.request({ url, data: body, ...init });
      return { status: response.status, text: response.data };
    };
  },
};
/** undici's fetch makes a stream of every body, and so repeats only requests that have none. */
const REPEATS_BODIES = (name) => name !== 'undici fetch';

for (const [name, make] of Object.entries(CLIENTS)) {
  test(`${name}: requests carry the token, to the given origins alone`, async (t) => {
    const { origin, seen } = await api(t);
    const { client_id, source: tokens } = await source(t);
    const send = make({ source: tokens, origins: [origin] });
    const headers = { 'x-a': 'b', Authorization: 'Basic mine' };
    const { status, text } = await send(`${origin}/a`, { method: 'POST', body: 'text', headers });
    assert.deepEqual([status, text], [200, 'text']);
    await send(`${origin}/b`);
    const { access_token: token } = await tokens.getToken();
    assert.deepEqual(seen, [
      { method: 'POST', url: '/a', token, body: 'text' },
      { method: 'GET', url: '/b', token, body: '' },
    ]);
    assert.equal(await tokenRequests(client_id), 1);

    const other = await api(t);
    await assert.rejects(send(other.origin), isAbout('origins'));
    assert.deepEqual(other.seen, []);
    for (const bad of ['example.com', 'https://example.com/path', '*']) {
      assert.throws(() => make({ source: tokens, origins: [bad] }), { field: 'origins' });
    }
    assert.throws(() => make({ source: tokens, origin }), { field: 'origin' });
  });

  test(`${name}: a refused token is replaced and the request repeated, once`, async (t) => {
    const { given, source } = await numbered(t);
    const { origin, seen } = await api(t, { good: (token) => token !== 'token-1' });
    const send = make({ source, origins: [origin] });
    const body = REPEATS_BODIES(name) ? 'text' : '';
    const init = body ? { method: 'PUT', body, headers: { 'content-type': 'text/plain' } } : {};
    assert.deepEqual(await send(origin, init), { status: 200, text: body });
    const requests = seen.map(({ token, body }) => [token, body]);
    assert.deepEqual(requests, [['token-1', body], ['token-2', body]]);
    assert.equal(given.tokens, 2);
  });

  test(`${name}: a server that refuses every token is asked twice and no more`, async (t) => {
    const { given, source } = await numbered(t);
    const { origin, seen } = await api(t, { good: () => false, answer: 'sorry' });
    const send = make({ source, origins: [origin] });
    const refused = { status: 401, text: 'sorry' };
    assert.deepEqual(await send(origin), refused);
    assert.equal(seen.length, 2);
    assert.equal(given.tokens, 2);
    // Another replacement so soon would be the same storm at the token endpoint.
    assert.deepEqual(await send(origin), refused);
    assert.equal(given.tokens, 2);
  });

  test(`${name}: a stream, or a 401 for another reason, is not repeated`, async (t) => {
    const { source: tokens } = await source(t);
    const refusing = await api(t, { good: () => false });
    const send = make({ source: tokens, origins: [refusing.origin] });
    assert.equal((await send(refusing.origin, { method: 'POST', stream: 'text' })).status, 401);
    assert.deepEqual(refusing.seen.map(({ body }) => body), ['text']);

    const other = await api(t, { good: () => false, challenge: 'Bearer error="insufficient_user"' });
    assert.equal((await make({ source: tokens, origins: [other.origin] })(other.origin)).status, 401);
    assert.equal(other.seen.length, 1);
  });

  test(`${name}: an abort ends the request, and a failing source fails it`, async (t) => {
    const { source: tokens } = await source(t);
    const origin = await serve(t, () => {});
    const controller = new AbortController();
    const send = make({ source: tokens, origins: [origin] });
    const pending = send(origin, { signal: controller.signal });
    controller.abort();
    await assert.rejects(pending, /abort|cancel/i);

    const settings = { token_url: await closedPort(), client_id: 'id', client_secret: 'a-secret' };
    const failing = new stytch.TokenSource({ ...settings, total_timeout_seconds: 0.2 });
    await assert.rejects(make({ source: failing, origins: [origin] })(origin), (error) => {
      return [error, error.cause].some((one) => one instanceof stytch.StytchM2MError);
    });
  });
}

test('axios: refusals that are exceptions are repeated as well, and it can be detached', async (t) => {
  const { given, source } = await numbered(t);
  const { origin, seen } = await api(t, { good: (token) => token !== 'token-1' });
  const instance = axios.create({ baseURL: origin });
  const detach = attachTokens(instance, { source, origins: [origin] });
  const { status, data } = await instance.post('/path', { a: 1 }, { params: { b: 2 } });
  assert.deepEqual([status, data], [200, { a: 1 }]);
  const sent = { method: 'POST', url: '/path?b=2', body: '{"a":1}' };
  assert.deepEqual(seen, [{ ...sent, token: 'token-1' }, { ...sent, token: 'token-2' }]);
  assert.equal(given.tokens, 2);
  const elsewhere = await api(t);
  const relative = { baseURL: elsewhere.origin, allowAbsoluteUrls: false };
  await assert.rejects(instance.get(`${origin}/x`, relative), { field: 'origins' });
  assert.deepEqual(elsewhere.seen, []);
  detach();
  await assert.rejects(instance.get('/').then(() => seen.at(-1).token ?? Promise.reject(new Error('none'))));
});

test('undici: a refusal too large to be held is passed on', async (t) => {
  const { source } = await numbered(t);
  const answer = 'x'.repeat(200_000);
  const { origin, seen } = await api(t, { good: () => false, answer });
  const { status, text } = await CLIENTS.undici({ source, origins: [origin] })(origin);
  assert.deepEqual([status, text.length, seen.length], [401, answer.length, 1]);
});

test('undici: headers in every form', async (t) => {
  const { source } = await numbered(t);
  const seen = [];
  const origin = await serve(t, ({ headers }, response) => {
    seen.push([headers.authorization, headers['x-a']]);
    response.end();
  });
  const send = CLIENTS.undici({ source, origins: [origin] });
  const forms = [
    { 'x-a': 'b', AUTHORIZATION: 'mine' },
    ['x-a', 'b', 'Authorization', 'mine'],
    new Map([['x-a', 'b'], ['authorization', 'mine']]),
  ];
  for (const headers of forms) await send(origin, { headers });
  assert.deepEqual(seen, forms.map(() => ['Bearer token-1', 'b']));
});

/** An error about this argument, or one caused by it. */
function isAbout(field) {
  return (error) => [error, error.cause].some((one) => one?.field === field);
}
