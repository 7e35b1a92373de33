'use strict';

const assert = require('node:assert/strict');
const { getEventListeners } = require('node:events');
const test = require('node:test');
const { Issuer, client, serve, stytch, until } = require('./support');

const secret = { project_id: 'project-test-1', secret: 'secret' };

/** A server that never answers, and its count of requests. */
async function silent(t) {
  const seen = { open: 0, closed: 0 };
  const base_url = await serve(t, (request) => {
    seen.open += 1;
    request.on('close', () => (seen.closed += 1));
    request.resume();
  });
  return { base_url, seen };
}

test('an abort ends each waiting call with its reason', async (t) => {
  const { base_url, seen } = await silent(t);
  const { m2m } = new stytch.Client({ ...secret, base_url });
  const { clients } = m2m;
  const grant = { client_id: 'id', client_secret: 'secret' };
  const source = new stytch.TokenSource({ ...grant, project_id: 'project-test-1', base_url });
  const access_token = new Issuer().sign({ iss: 'stytch.com/project-test-1' });
  const calls = [
    (signal) => m2m.token({ ...grant, signal }),
    (signal) => source.getToken({ signal }),
    (signal) => source.authorizationHeader({ signal }),
    (signal) => m2m.authenticateToken({ access_token, signal }),
    (signal) => m2m.warmUp({ signal }),
    (signal) => clients.create({ scopes: [], signal }),
    (signal) => clients.get({ client_id: 'id', signal }),
    (signal) => clients.search({ signal }),
    (signal) => clients.searchAll({ signal }).next(),
    (signal) => clients.update({ client_id: 'id', signal }),
    (signal) => clients.delete({ client_id: 'id', signal }),
    (signal) => clients.secrets.rotateStart({ client_id: 'id', signal }),
    (signal) => clients.secrets.rotate({ client_id: 'id', signal }),
    (signal) => clients.secrets.rotateCancel({ client_id: 'id', signal }),
    (signal) => clients.secrets.recoverRotation({ client_id: 'id', signal }),
    (signal) => clients.secrets.rotateFinish({ client_id: 'id', next_client_secret: 'secret', signal }),
    (signal) => clients.secrets.rotateWith({ client_id: 'id', store: () => {}, signal }),
  ];
  for (const call of calls) {
    const controller = new AbortController();
    let called = 0;
    controller.signal.onabort = () => (called += 1);
    const reason = new RangeError('enough');
    const pending = call(controller.signal);
    assert.equal(getEventListeners(controller.signal, 'abort').length, 2, String(call));
    controller.abort(reason);
    await assert.rejects(pending, (error) => error === reason, String(call));
    assert.equal(called, 1, 'the handler of the caller is still there');
    assert.equal(getEventListeners(controller.signal, 'abort').length, 1);

    const before = seen.open;
    await assert.rejects(call(AbortSignal.abort(reason)), (error) => error === reason);
    assert.equal(seen.open, before, 'an aborted signal starts nothing');
  }
});

test('an abort closes the request at the server', async (t) => {
  const { base_url, seen } = await silent(t);
  const { m2m } = new stytch.Client({ ...secret, base_url });
  const controller = new AbortController();
  const pending = m2m.clients.get({ client_id: 'id', signal: controller.signal });
  await until('the request is there', () => seen.open === 1);
  controller.abort();
  await assert.rejects(pending, { name: 'AbortError' });
  await until('the request is gone', () => seen.closed === 1);
});

test('a caller that gives up takes nothing from the others', async (t) => {
  const held = [];
  const base_url = await serve(t, (request, response) => {
    request.resume();
    held.push(response);
  });
  const { m2m } = new stytch.Client({ ...secret, base_url });
  const controller = new AbortController();
  const grant = { client_id: 'id', client_secret: 'secret' };
  const others = [m2m.token(grant), m2m.token(grant)];
  const aborted = m2m.token({ ...grant, signal: controller.signal });
  await until('the request is there', () => held.length === 1);
  controller.abort();
  await assert.rejects(aborted, { name: 'AbortError' });
  held[0].setHeader('content-type', 'application/json');
  held[0].end(JSON.stringify({ access_token: 'token', token_type: 'bearer', expires_in: 3600 }));
  const [one, other] = await Promise.all(others);
  assert.equal(one.access_token, 'token');
  assert.equal(other.access_token, 'token');
  assert.equal(held.length, 1);
});

test('a signal that aborts later, or never, changes nothing', async () => {
  const { signal } = new AbortController();
  const found = await client.m2m.clients.search({ limit: 1, signal });
  assert.equal(found.status_code, 200);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});
