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
/** undici's `request` follows no redirect. */
const REDIRECTS = (name) => name !== 'undici';
/** undici's fetch makes a stream of every body, and so repeats only requests that have none. */
const REPEATS_BODIES = (name) => name !== 'undici fetch';

for (const [name, make] of Object.entries(CLIENTS)) {
  test(`${name}: requests carry the token, to the given origins alone`, async (t) => {
    const { origin, seen } = await api(t);
    const { client_id, source: tokens } = await source(t);
    const send = make({ source: tokens, origins: [origin] });
    const headers = { 'x-a': 'b' };
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
    assert.equal((await send(other.origin)).status, 200);
    assert.deepEqual(other.seen.map(({ token }) => token), [undefined]);
    for (const bad of [[], ['example.com'], ['https://example.com/path'], ['http://example.com'], ['*']]) {
      assert.throws(() => make({ source: tokens, origins: bad }), { field: 'origins' });
    }
    assert.throws(() => make({ source: tokens, origin }), { field: 'origin' });
  });

  test(`${name}: a request with an Authorization header of its own keeps it, and is not repeated`, async (t) => {
    const { given, source } = await numbered(t);
    const { origin, seen } = await api(t, { good: () => false });
    const send = make({ source, origins: [origin] });
    for (const key of ['Authorization', 'authorization']) {
      assert.equal((await send(origin, { headers: { [key]: 'Basic mine' } })).status, 401);
    }
    assert.deepEqual(seen.map(({ token }) => token), ['Basic mine', 'Basic mine']);
    assert.equal(given.tokens, 0);
  });

  test(`${name}: a redirect to an origin that is not named carries no token`, async (t) => {
    const { given, source } = await numbered(t);
    const other = await api(t, { good: () => false });
    const origin = await serve(t, ({ url }, response) => {
      const location = url === '/' ? '/again' : other.origin;
      response.writeHead(302, { location }).end();
    });
    const send = make({ source, origins: [origin] });
    const { status } = await send(`${origin}/`);
    const last = REDIRECTS(name) ? [401, [undefined]] : [302, []];
    assert.deepEqual([status, other.seen.map(({ token }) => token)], last);
    assert.equal(given.tokens, 1);
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
  detach();
  await assert.rejects(instance.get('/').then(() => seen.at(-1).token ?? Promise.reject(new Error('none'))));
});

test('axios: the origin is that to which the request goes, whatever changes it on the way', async (t) => {
  const { source } = await numbered(t);
  const { origin, seen } = await api(t);
  const elsewhere = await api(t);
  const change = (config) => Object.assign(config, { url: `${elsewhere.origin}/x`, baseURL: undefined });
  const ways = {
    'an interceptor that is added before'(instance, attach) {
      instance.interceptors.request.use(change);
      attach();
      return instance.get('/');
    },
    'an interceptor that is added after'(instance, attach) {
      attach();
      instance.interceptors.request.use(change);
      return instance.get('/');
    },
    'a transformer'(instance, attach) {
      attach();
      const transformRequest = function (data) {
        change(this);
        return data;
      };
      return instance.get('/', { transformRequest });
    },
    'a base URL'(instance, attach) {
      attach();
      return instance.get(`${origin}/x`, { baseURL: elsewhere.origin, allowAbsoluteUrls: false });
    },
    'a base URL that is set later'(instance, attach) {
      attach();
      instance.defaults.baseURL = elsewhere.origin;
      return instance.get('/x');
    },
    'an absolute URL'(instance, attach) {
      attach();
      return instance.get(`${elsewhere.origin}/x`);
    },
  };
  for (const [way, send] of Object.entries(ways)) {
    elsewhere.seen.length = 0;
    const instance = axios.create({ baseURL: origin });
    await send(instance, () => attachTokens(instance, { source, origins: [origin] }));
    assert.deepEqual(elsewhere.seen.map(({ token }) => token), [undefined], way);
  }
  assert.deepEqual(seen, []);
  const instance = axios.create({ baseURL: elsewhere.origin });
  attachTokens(instance, { source, origins: [origin] });
  instance.interceptors.request.use((config) => Object.assign(config, { baseURL: origin }));
  await instance.get('/y');
  assert.deepEqual(seen.map(({ token, url }) => [token, url]), [['token-1', '/y']]);
});

test('axios: settings, interceptors and errors are as without tokens', async (t) => {
  const { source } = await numbered(t);
  const origin = await serve(t, ({ url, headers }, response) => {
    response.statusCode = url === '/404' ? 404 : 200;
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ seen: headers['x-a'] ?? null }));
  });
  const instance = axios.create({ baseURL: origin, headers: { common: { 'X-A': 'b' } } });
  attachTokens(instance, { source, origins: [origin] });
  instance.interceptors.response.use((answer) => Object.assign(answer, { mark: true }));
  const answer = await instance.get('/', { transformResponse: [(text) => ({ text })] });
  assert.deepEqual([answer.data, answer.mark], [{ text: '{"seen":"b"}' }, true]);
  const { data } = await instance.get('/', { headers: { 'X-A': null } });
  assert.deepEqual(data, { seen: null });
  const error = await instance.get('/404').catch((error) => error);
  assert.deepEqual([error.name, error.status, error.response.data], ['AxiosError', 404, { seen: 'b' }]);
  assert.equal(error.response.config, error.config);
  assert.equal(error.config.headers.get('authorization'), undefined);
  // What axios-retry does.
  error.config.url = '/';
  assert.deepEqual((await instance.request(error.config)).data, { seen: 'b' });
});

test('axios: a redirect to a named origin carries the token, one to a subdomain does not', async (t) => {
  const { source } = await numbered(t);
  const named = await api(t);
  const seen = [];
  const origin = await serve(t, ({ url, headers }, response) => {
    seen.push([headers.host, headers.authorization]);
    response.writeHead(url === '/' ? 200 : 307, { location: url.slice(1) }).end();
  });
  const { port } = new URL(origin);
  const local = `http://localhost:${port}`;
  const instance = axios.create({ lookup: async () => ['127.0.0.1', 4] });
  attachTokens(instance, { source, origins: [local, named.origin] });
  await instance.get(`${local}/${named.origin}`);
  assert.deepEqual(named.seen.map(({ token }) => token), ['token-1']);
  await instance.get(`${local}/http://a.localhost:${port}/`);
  const bearer = [`localhost:${port}`, 'Bearer token-1'];
  assert.deepEqual(seen, [bearer, bearer, [`a.localhost:${port}`, undefined]]);
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
    { 'x-a': 'b' },
    ['x-a', 'b'],
    new Map([['x-a', 'b']]),
  ];
  for (const headers of forms) await send(origin, { headers });
  assert.deepEqual(seen.splice(0), forms.map(() => ['Bearer token-1', 'b']));
  const owned = [
    { 'x-a': 'b', AUTHORIZATION: 'mine' },
    ['x-a', 'b', 'Authorization', 'mine'],
    new Map([['x-a', 'b'], ['authorization', 'mine']]),
  ];
  for (const headers of owned) await send(origin, { headers });
  assert.deepEqual(seen, owned.map(() => ['mine', 'b']));
});

test('fetch: what is in init is passed on, as it is', async (t) => {
  const { source } = await numbered(t);
  const calls = [];
  const spy = (input, init) => {
    calls.push([input, init]);
    return fetch(input, init);
  };
  const { origin } = await api(t);
  const send = tokenFetch({ source, origins: [origin], fetch: spy });
  const next = { revalidate: 60 };
  const url = new URL(`${origin}/a`);
  await send(url, { next, method: 'POST', body: 'text', headers: [['x-a', 'b']], priority: 'low' });
  const [[input, { headers, ...init }]] = calls;
  assert.equal(input, `${origin}/a`);
  assert.equal(init.next, next);
  assert.deepEqual(init, { next, method: 'POST', body: 'text', priority: 'low' });
  assert.deepEqual([...headers], [['authorization', 'Bearer token-1'], ['x-a', 'b']]);
  const dispatcher = new undici.Agent();
  t.after(() => dispatcher.close());
  await send(origin, { dispatcher });
  assert.equal(calls[1][1].dispatcher, dispatcher);
});

test('fetch: requests of the global class, and an init that is one, are understood', async (t) => {
  const { source } = await numbered(t);
  const { origin, seen } = await api(t, { good: (token) => token !== 'token-1' });
  const send = tokenFetch({ source, origins: [origin] });
  const request = new Request(`${origin}/a`, { headers: { 'x-a': 'b' } });
  assert.equal((await send(request)).status, 200);
  assert.equal((await send(`${origin}/b`, new Request(origin, { method: 'DELETE' }))).status, 200);
  const posted = new Request(`${origin}/c`, { method: 'POST', body: 'text' });
  assert.equal(await (await send(posted, { headers: { 'x-a': 'c' } })).text(), 'text');
  assert.deepEqual(
    seen.map(({ method, url, token }) => [method, url, token]),
    [
      ['GET', '/a', 'token-1'],
      ['GET', '/a', 'token-2'],
      ['DELETE', '/b', 'token-2'],
      ['POST', '/c', 'token-2'],
    ],
  );
});

test('fetch: it works over undici\'s own fetch, whose Request is another class', async (t) => {
  const { source } = await numbered(t);
  const { origin, seen } = await api(t, { good: (token) => token !== 'token-1' });
  const send = tokenFetch({ source, origins: [origin], fetch: undici.fetch });
  assert.equal((await send(`${origin}/a`)).status, 200);
  const request = new undici.Request(`${origin}/b`, { method: 'POST', body: 'text', headers: { 'x-a': 'b' } });
  assert.equal(await (await send(request)).text(), 'text');
  const form = new undici.FormData();
  form.set('a', 'b');
  assert.match(await (await send(`${origin}/c`, { method: 'POST', body: form })).text(), /name="a"/);
  const tokens = seen.map(({ url, token }) => [url, token]);
  assert.deepEqual(tokens, [['/a', 'token-1'], ['/a', 'token-2'], ['/b', 'token-2'], ['/c', 'token-2']]);
});

test('fetch: a global fetch that is replaced later is used', async (t) => {
  const { source } = await numbered(t);
  const { origin } = await api(t);
  const send = tokenFetch({ source, origins: [origin] });
  const original = globalThis.fetch;
  t.after(() => (globalThis.fetch = original));
  let calls = 0;
  globalThis.fetch = (...args) => {
    calls += 1;
    return original(...args);
  };
  await send(origin);
  assert.equal(calls, 1);
});

test('undici: an origin that is changed while the token is fetched sees none', async (t) => {
  const { source } = await numbered(t);
  const named = await api(t);
  const other = await api(t);
  const dispatch = new undici.Agent().compose(tokenInterceptor({ source, origins: [named.origin] }));
  const options = { origin: named.origin, path: '/', method: 'GET' };
  const ended = new Promise((resolve, reject) => {
    const ignore = () => {};
    const handler = { onRequestStart: ignore, onResponseStart: ignore, onResponseData: ignore };
    dispatch.dispatch(options, { ...handler, onResponseEnd: resolve, onResponseError: (_, e) => reject(e) });
  });
  options.origin = other.origin;
  await ended;
  assert.deepEqual([named.seen.length, other.seen.length], [1, 0]);
});
