'use strict';

const assert = require('node:assert/strict');
const { Readable } = require('node:stream');
const test = require('node:test');
const axios = require('axios');
const undici = require('undici');
const { attachTokens } = require('stytch-m2m/axios');
const { tokenFetch } = require('stytch-m2m/fetch');
const { tokenInterceptor } = require('stytch-m2m/undici');
const { api, numbered, source } = require('./outgoing');
const { closedPort, serve, stytch, tokenRequests } = require('./support');

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
  // An older undici, whatever the version of the one above is.
  'built-in fetch'(settings) {
    const dispatcher = new undici.Agent().compose(tokenInterceptor(settings));
    return async (url, { stream, ...init } = {}) => {
      const body = stream ? { body: new Blob([stream]).stream(), duplex: 'half' } : {};
      const response = await fetch(url, { ...init, ...body, dispatcher });
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
const REPEATS_BODIES = (name) => !['undici fetch', 'built-in fetch'].includes(name);

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

  test(`${name}: a request that was taken is not sent again when its redirect is refused`, async (t) => {
    const { source } = await numbered(t);
    const posts = [];
    const origin = await serve(t, ({ method, url }, response) => {
      if (method === 'POST') posts.push(url);
      if (method === 'POST') response.writeHead(303, { location: url === '/form' ? '/page' : url }).end();
      else response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
    });
    const send = make({ source, origins: [origin] });
    for (const path of ['/form', '/own-page']) {
      const { status } = await send(`${origin}${path}`, { method: 'POST', body: 'text' });
      assert.equal(status, REDIRECTS(name) ? 401 : 303);
    }
    assert.deepEqual(posts, ['/form', '/own-page']);
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
