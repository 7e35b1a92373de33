// Log events, and the context in which a handler hears of them.
'use strict';

const assert = require('node:assert/strict');
const { AsyncLocalStorage } = require('node:async_hooks');
const test = require('node:test');
const { Worker } = require('node:worker_threads');
const { client, m2mClient, node, serve, stytch, until } = require('./support');

const storage = new AsyncLocalStorage();
const HOST = new URL(process.env.STYTCH_BASE_URL).host;

/** The events from now on, each with the store that its handler saw. */
function listen(t, settings) {
  const events = [];
  t.after(stytch.onLog((event) => events.push({ ...event, store: storage.getStore() }), settings));
  return events;
}

test('first day 10: log events say what was asked, of which host, how long it took, and no secret', async (t) => {
  const { client_id, client_secret } = await m2mClient(t);
  const events = listen(t);
  const { access_token } = await new stytch.TokenSource({ client_id, client_secret }).getToken();
  await client.m2m.clients.get({ client_id });
  await until('both answers are heard of', () => events.filter(({ message }) => message === 'answered').length >= 2);
  const answers = events.filter(({ message }) => message === 'answered').map(({ level, fields }) => ({ level, ...fields }));
  assert.deepEqual(answers.map(({ operation }) => operation).sort(), ['get', 'token']);
  for (const { level, method, host, path, status, request_id, elapsed_ms } of answers) {
    assert.deepEqual([level, host, status], ['debug', HOST, 200]);
    assert.match(`${method} ${path}`, /^(POST|GET) \/v1\//);
    assert.equal(typeof elapsed_ms, 'number');
    assert.match(request_id, /^request-id-/);
  }
  assert(answers.some(({ path }) => path.endsWith('/{client_id}')));
  assert(events.some(({ message }) => message === 'access token fetched'));
  const said = JSON.stringify(events);
  for (const secret of [client_secret, process.env.STYTCH_SECRET, ...access_token.split('.')]) assert(!said.includes(secret));
});

test('first day 10: a handler sees the store of the caller whose call it is', async (t) => {
  const events = listen(t);
  const callers = [...'abcdefgh'];
  const wrong = { client_id: 'm2m-client-test-none', client_secret: 'x' };
  await Promise.all([
    ...callers.map((caller) => storage.run(caller, () => client.m2m.clients.get({ client_id: `${wrong.client_id}-${caller}` }).catch(() => {}))),
    // In a task of its own, which all that wait for it share.
    storage.run('token', () => new stytch.TokenSource(wrong).getToken().catch(() => {})),
    storage.run('cancellable', () => client.m2m.clients.get({ client_id: 'x', signal: new AbortController().signal }).catch(() => {})),
  ]);
  const expected = [...callers, 'token', 'cancellable'].sort();
  const answers = () => events.filter(({ message }) => message === 'answered').map(({ store }) => store).sort();
  await until('all answers are heard of', () => answers().length >= expected.length);
  assert.deepEqual(answers(), expected);
  const failed = events.find(({ message }) => message === 'access token not fetched');
  assert.deepEqual([failed.level, failed.store], ['warn', 'token']);
});

test('first day 10: what a call leaves behind has its context, and then that is forgotten', async (t) => {
  const events = listen(t);
  let answer;
  const url = await serve(t, (_request, response) => (answer = () => response.end('{"access_token":"t","token_type":"bearer"}')));
  const source = new stytch.TokenSource({ token_url: `${url}/token`, client_id: 'x', client_secret: 'x' });
  const abort = new AbortController();
  const call = storage.run('gone', () => source.getToken({ signal: abort.signal }));
  await until('the server is asked', () => answer !== undefined);
  abort.abort();
  await assert.rejects(call, { name: 'AbortError' });
  answer();
  await until('the answer is heard of', () => events.some(({ message }) => message === 'access token fetched'));
  assert.deepEqual([...new Set(events.map(({ store }) => store))], ['gone']);
});

test('first day 10: levels, several handlers, and one that throws', async (t) => {
  const warnings = [];
  const warned = ({ message }) => warnings.push(message);
  process.on('warning', warned);
  t.after(() => process.off('warning', warned));
  const [all, few] = [listen(t), listen(t, { level: 'warn' })];
  const stop = stytch.onLog(() => {
    throw new TypeError('no logger');
  });
  const fail = () => new stytch.TokenSource({ client_id: 'm2m-client-test-none', client_secret: 'x' }).getToken().catch(() => {});
  await fail();
  await until('the failure is heard of', () => few.length > 0);
  assert(all.some(({ level }) => level === 'debug'));
  assert(few.every(({ level }) => level === 'warn'));
  await until('the exception is a warning', () => warnings.includes("onLog's handler threw TypeError: no logger"));
  stop();
  stop();
  const count = warnings.length;
  const seen = all.length;
  await fail();
  await until('the failure is heard of', () => all.length > seen);
  assert.equal(warnings.length, count);
  assert.throws(() => stytch.onLog('x'), { code: 'invalid_config', field: 'handler' });
  assert.throws(() => stytch.onLog(() => {}, { level: 'loud' }), { code: 'invalid_config', field: 'level' });
  assert.throws(() => stytch.onLog(() => {}, {}, 1), { code: 'invalid_config', field: 'arguments' });
});

test('first day 10: a thread hears of its own calls, and a handler holds no process', async (t) => {
  const events = listen(t);
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
    const { Client, onLog } = require('stytch-m2m');
    const events = [];
    onLog(({ message }) => events.push(message));
    const wait = () => (events.includes('answered') ? parentPort.postMessage(events) : setImmediate(wait));
    new Client().m2m.clients.get({ client_id: 'in-a-worker' }).catch(wait);`,
    { eval: true },
  );
  const heard = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  assert(heard.includes('answered'));
  await client.m2m.clients.get({ client_id: 'in-the-main-thread' }).catch(() => {});
  await until('the answer is heard of', () => events.some(({ message }) => message === 'answered'));
  assert.equal(events.filter(({ message }) => message === 'answered').length, 1);

  const { code, output, milliseconds } = await node(`
    const { Client, onLog } = require('stytch-m2m');
    onLog(() => {});
    new Client().m2m.clients.get({ client_id: 'x' }).catch(({ code }) => console.log(code));`);
  assert.deepEqual([code, output], [0, 'not_found\n']);
  assert(milliseconds < 10_000);
});
