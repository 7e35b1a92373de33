'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const crypto = require('node:crypto');
const net = require('node:net');
const test = require('node:test');
const { inspect } = require('node:util');
const { closedPort, m2mClient, node, stytch, tokenRequests, until } = require('./support');

const token_store_key = crypto.randomBytes(32).toString('base64');

/** A Redis of one's own; `undefined`, the test skipped, where there is none and this is not CI. */
async function redis(t) {
  const { port } = new URL(await closedPort());
  const args = ['--bind', '127.0.0.1', '--port', port, '--save', '', '--daemonize', 'no'];
  const server = spawn('redis-server', args, { stdio: 'ignore' });
  const failed = await Promise.race([
    once(server, 'error').then(([error]) => error),
    once(server, 'spawn').then(() => undefined),
  ]);
  if (failed) {
    assert(!process.env.CI, `redis-server does not start: ${failed.message}`);
    t.skip('redis-server is not installed');
    return undefined;
  }
  t.after(() => server.kill());
  await until('Redis listens', async () => {
    const socket = net.connect(port, '127.0.0.1');
    const [event] = await Promise.race([
      once(socket, 'connect').then(() => [true]),
      once(socket, 'close').then(() => [false]),
    ]).catch(() => [false]);
    socket.destroy();
    return event;
  });
  return `redis://127.0.0.1:${port}`;
}

test('two processes with one store make one token request', async (t) => {
  const token_store_url = await redis(t);
  if (!token_store_url) return;
  const { client_id, client_secret } = await m2mClient(t);
  const env = { client_id, client_secret, token_store_url, token_store_key };
  const program = `
    const { Client, TokenSource } = require('stytch-m2m');
    const { client_id, client_secret, token_store_url, token_store_key } = process.env;
    const store = { token_store_url, token_store_key };
    const grant = { client_id, client_secret };
    const source = new TokenSource({ ...grant, ...store });
    const { m2m } = new Client(store);
    Promise.all([source.getToken(), m2m.token(grant)])
      .then((tokens) => console.log(...tokens.map((token) => token.access_token)));`;
  const ended = await Promise.all([node(program, env), node(program, env)]);
  for (const { code, output } of ended) assert.equal(code, 0, output);
  const tokens = ended.flatMap(({ output }) => output.trim().split(' '));
  assert.equal(tokens.length, 4);
  assert.equal(new Set(tokens).size, 1);
  assert.equal(await tokenRequests(client_id), 1);
});

test('while the store is away, tokens are fetched all the same', async (t) => {
  const { client_id, client_secret } = await m2mClient(t);
  const token_store_url = (await closedPort()).replace('http', 'redis');
  const settings = { client_id, client_secret, token_store_url, token_store_key };
  assert((await new stytch.TokenSource(settings).getToken()).access_token);
});

test('a bad store setting is named and never shown', () => {
  const url = 'redis://user:canary@127.0.0.1:1';
  for (const [store, field] of [
    [{ token_store_url: url }, 'token_store_key'],
    [{ token_store_key }, 'token_store_url'],
    [{ token_store_url: url, token_store_key: 'canary' }, 'token_store_key'],
    [{ token_store_url: 'http://canary', token_store_key }, 'token_store_url'],
    [{ token_store_url: url, token_store_key: 7 }, 'token_store_key'],
  ]) {
    const source = { client_id: 'id', client_secret: 'secret', ...store };
    for (const make of [() => new stytch.Client(store), () => new stytch.TokenSource(source)]) {
      assert.throws(make, (error) => {
        assert.equal(error.field, field);
        assert(!inspect(error).includes('canary'), inspect(error));
        return true;
      });
    }
  }
});
