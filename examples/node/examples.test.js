// The examples, as a reader would run them, against an emulator.

const assert = require('node:assert/strict');
const { execFile, spawn } = require('node:child_process');
const { once } = require('node:events');
const { mkdtemp, readFile, rm } = require('node:fs/promises');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { createInterface } = require('node:readline');
const { after, before, test } = require('node:test');
const { promisify } = require('node:util');
const { Emulator } = require('stytch-m2m/testing');

const seed = {
  clients: [
    { client_id: 'billing', client_secret: 'billing-secret-1', scopes: ['read:invoices'] },
    { client_id: 'stranger', client_secret: 'stranger-secret', scopes: ['read:news'] },
  ],
};
let emulator;
before(async () => (emulator = await Emulator.start({ seed })));
after(() => emulator.stop());

/** A program's output when it has ended well. */
async function run(name, args, env) {
  const options = { env: { ...process.env, ...emulator.env, ...env } };
  const { stdout } = await promisify(execFile)(process.execPath, [join(__dirname, name), ...args], options);
  return stdout;
}

for (const name of ['express.js', 'fastify.js']) {
  test(`${name} answers callers with a good token alone, and ends when told`, async () => {
    const { STYTCH_SECRET: _, ...env } = { ...process.env, ...emulator.env };
    const stdio = ['ignore', 'pipe', 'inherit'];
    const service = spawn(process.execPath, [join(__dirname, name)], { env, stdio });
    const [url] = await once(createInterface({ input: service.stdout }), 'line');
    const status = async (token) => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      return (await fetch(`${url}/invoices`, { headers })).status;
    };
    const billing = { client_id: 'billing' };
    assert.equal(await status(await emulator.issueToken(billing)), 200);
    assert.equal(await status(), 401);
    const changes = { issued_at_offset_seconds: -7200 };
    assert.equal(await status(await emulator.issueToken({ ...billing, changes })), 401);
    assert.equal(await status(await emulator.issueToken({ client_id: 'stranger' })), 403);
    assert.deepEqual(await (await fetch(`${url}/health`)).json(), { keys: 'fresh' });

    const credential = { CLIENT_ID: 'billing', CLIENT_SECRET: 'billing-secret-1' };
    const answer = '200 {"caller":"billing","invoices":[{"id":1,"amount":100}]}\n';
    const called = await run('caller.js', [`${url}/invoices`], credential);
    assert.equal(called, `${answer.repeat(3)}fetched 1 token, reused it 2 times\n`);

    service.kill('SIGTERM');
    assert.deepEqual(await once(service, 'exit'), [0, null]);
  });
}

test('manage.js creates, rotates, deactivates and deletes', async (t) => {
  const SECRETS = await mkdtemp(join(tmpdir(), 'stytch-m2m-'));
  t.after(() => rm(SECRETS, { recursive: true }));
  const manage = async (...args) => (await run('manage.js', args, { SECRETS })).trim();
  const client_id = await manage('create', 'a new one', 'read:invoices');
  const secret = () => readFile(join(SECRETS, client_id), 'utf8');
  const first = await secret();
  assert.match(await manage('list'), new RegExp(`${client_id} active "a new one" read:invoices`));
  const second = await manage('rotate', client_id).then(secret);
  assert.notEqual(second, first);
  assert.equal(await manage('deactivate', client_id), `${client_id} inactive`);
  await manage('delete', client_id);
  await assert.rejects(manage('delete', client_id), /manage: not_found: /);
  await assert.rejects(manage('nonsense'), /there are list, create/);
});
