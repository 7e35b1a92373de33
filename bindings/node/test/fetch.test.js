'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const undici = require('undici');
const { tokenFetch } = require('stytch-m2m/fetch');
const { api, numbered } = require('./outgoing');

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
  // Of one version with its dispatcher: the built-in one is of another.
  const theirs = (input, init) => {
    calls.push([input, init]);
    return undici.fetch(input, init);
  };
  await tokenFetch({ source, origins: [origin], fetch: theirs })(origin, { dispatcher });
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
