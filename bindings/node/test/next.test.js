// A Next.js app whose route is the guide's: built for production, started, and asked with good and bad tokens.
'use strict';

const assert = require('node:assert/strict');
const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { client, m2mClient, closedPort, until } = require('./support');

const root = path.join(__dirname, '..');
const app = path.join(__dirname, 'bundlers', 'next');
const examples = path.join(root, '..', '..', 'examples', 'node');
const program = path.join(app, 'node_modules', 'next', 'dist', 'bin', 'next');
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };

/** The route, and the package as `npm install` has it. */
function prepare() {
  const own = path.join(app, 'node_modules', 'stytch-m2m');
  fs.rmSync(own, { recursive: true, force: true });
  for (const part of ['package.json', 'dist', 'native']) fs.cpSync(path.join(root, part), path.join(own, part), { recursive: true });
  const route = path.join(app, 'app', 'invoices');
  fs.rmSync(path.join(app, '.next'), { recursive: true, force: true });
  fs.mkdirSync(route, { recursive: true });
  fs.copyFileSync(path.join(examples, 'web.mjs'), path.join(route, 'web.mjs'));
  fs.copyFileSync(path.join(examples, 'next-route.mjs'), path.join(route, 'route.js'));
}

test('first day 6: a route of Next.js, built for production, takes good tokens and refuses others', async (t) => {
  if (!fs.existsSync(program)) {
    assert(!process.env.CI, 'npm ci in test/bundlers/next');
    t.skip('npm ci in test/bundlers/next');
    return;
  }
  prepare();
  const built = spawnSync(process.execPath, [program, 'build'], { cwd: app, env, encoding: 'utf8' });
  assert.equal(built.status, 0, built.stdout + built.stderr);

  const { port } = new URL(await closedPort());
  const args = [program, 'start', '--hostname', '127.0.0.1', '--port', port];
  const server = spawn(process.execPath, args, { cwd: app, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (text) => (said += text));
  t.after(async () => {
    server.kill();
    await once(server, 'exit');
  });
  const url = `http://127.0.0.1:${port}/invoices`;
  await until('Next.js is ready', () => fetch(url).then(() => true, () => false)).catch((error) => assert.fail(`${error}\n${said}`));

  const get = async (token) => {
    const response = await fetch(url, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
    return { status: response.status, challenge: response.headers.get('www-authenticate'), body: await response.json() };
  };
  const { client_id, client_secret } = await m2mClient(t, { scopes: ['read:invoices'] });
  const { access_token } = await client.m2m.token({ client_id, client_secret });
  const passed = await get(access_token);
  assert.deepEqual([passed.status, passed.body.caller], [200, client_id]);
  const invalid = 'Bearer error="invalid_token"';
  assert.deepEqual(await get(`${access_token}x`), { status: 401, challenge: invalid, body: { error: 'invalid_token' } });
  assert.deepEqual(await get(), { status: 401, challenge: 'Bearer', body: { error: 'invalid_token' } });
  const other = await m2mClient(t, { scopes: ['read:users'] });
  const lacking = await client.m2m.token({ client_id: other.client_id, client_secret: other.client_secret });
  assert.equal((await get(lacking.access_token)).status, 403);
});
