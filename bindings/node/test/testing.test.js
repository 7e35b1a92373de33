'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const test = require('node:test');
const { inspect } = require('node:util');
const { Emulator } = require('stytch-m2m/testing');
const { node, stytch, until } = require('./support');

const seed = {
  clients: [{ client_id: 'billing', client_secret: 'billing-secret-1', scopes: ['read:invoices'] }],
};
const grant = { client_id: 'billing', client_secret: 'billing-secret-1' };

async function start(t, settings) {
  const emulator = await Emulator.start(settings);
  t.after(() => emulator.stop());
  return { emulator, m2m: new stytch.Client(emulator.settings).m2m };
}

test('an emulator issues good tokens and bad ones', async (t) => {
  const { emulator, m2m } = await start(t, { seed });
  const { access_token } = await m2m.token(grant);
  const required = { required_scopes: ['read:invoices'] };
  assert.equal((await m2m.authenticateToken({ access_token, ...required })).client_id, 'billing');

  const reason = async (changes, args = {}) => {
    const access_token = await emulator.issueToken({ client_id: 'billing', changes, ...args });
    return m2m.authenticateToken({ access_token, ...required }).then(
      () => 'none',
      (error) => error.reason ?? error.code,
    );
  };
  assert.equal(await reason({}), 'none');
  assert.equal(await reason({ issued_at_offset_seconds: -7200 }), 'expired');
  assert.equal(await reason({ signature: 'corrupted' }), 'signature_invalid');
  assert.equal(await reason({}, { scopes: [] }), 'insufficient_scope');

  await emulator.setTokenSettings({ lifetime_seconds: 60 });
  assert((await m2m.token({ ...grant, force_refresh: true })).expires_in <= 60);
});

test('an emulator fails on request, counts, and starts over', async (t) => {
  const { emulator, m2m } = await start(t, { seed });
  await emulator.addFault({ operation: 'get', effect: { type: 'status', status: 503 }, seconds: 60 });
  await assert.rejects(m2m.clients.get({ client_id: 'billing' }), { code: 'service' });
  await emulator.clearFaults();
  await m2m.clients.get({ client_id: 'billing' });
  await m2m.token(grant);
  assert.equal(await emulator.tokenRequests({ client_id: 'billing' }), 1);
  assert((await emulator.counts()).get > 1);
  const [request] = await emulator.requests({ operation: 'token' });
  assert.deepEqual([request.client_id, request.status], ['billing', 200]);

  await m2m.warmUp();
  const old = await emulator.issueToken({ client_id: 'billing' });
  await emulator.rotateKeys();
  await emulator.retireKeys();
  const verifier = new stytch.Client(emulator.settings).m2m;
  await assert.rejects(verifier.authenticateToken({ access_token: old }), { reason: 'key_not_found' });

  await m2m.clients.delete({ client_id: 'billing' });
  await emulator.reset();
  await m2m.clients.get({ client_id: 'billing' });
  await emulator.load({});
  await assert.rejects(m2m.clients.get({ client_id: 'billing' }), { code: 'not_found' });
  await assert.rejects(emulator.addFault({ effect: { type: 'status', status: 7 } }), /the emulator refused faults/);

  const { organization } = await emulator.credentials();
  const { base_url } = emulator;
  const authorization = `Bearer ${organization.authorization}`;
  assert.equal(
    await new stytch.OrganizationClient({ base_url, authorization }).clientId(),
    organization.client_id,
  );
});

test('an emulator limits the rate of its endpoints', async (t) => {
  const { emulator, m2m } = await start(t, { seed });
  await emulator.setRateLimit({ requests: 1, per_seconds: 600 });
  await m2m.clients.get({ client_id: 'billing' });
  await assert.rejects(m2m.clients.get({ client_id: 'billing' }), { code: 'rate_limited' });
  await emulator.setRateLimit(null);
  await m2m.clients.get({ client_id: 'billing' });
});

test('an emulator takes a project of your own, and none of the environment', async (t) => {
  const own = { project_id: 'project-test-mine', secret: 'canary-of-my-own' };
  const { emulator } = await start(t, own);
  assert.deepEqual(emulator.settings, { ...own, base_url: emulator.base_url });
  assert(!inspect(emulator, { showHidden: true, getters: false }).includes('canary'));
  const { emulator: other } = await start(t);
  assert.notEqual(other.project_id, process.env.STYTCH_PROJECT_ID);
  assert.deepEqual(other.env, {
    STYTCH_PROJECT_ID: other.project_id,
    STYTCH_SECRET: other.secret,
    STYTCH_BASE_URL: other.base_url,
  });
});

test('an emulator stops, by itself as well', async () => {
  const answers = (url) => fetch(`${url}/_emulator/health`).then(({ ok }) => ok, () => false);
  const emulator = await Emulator.start();
  assert.equal(await answers(emulator.base_url), true);
  await emulator[Symbol.asyncDispose]();
  assert.equal(await answers(emulator.base_url), false);
  await emulator.stop();

  // One that is forgotten neither holds its process nor outlives it.
  const { code, output } = await node(
    `require('stytch-m2m/testing').Emulator.start().then(({ base_url }) => console.log(base_url));`,
  );
  assert.equal(code, 0);
  await until('the forgotten one is gone', async () => !(await answers(output.trim())));
});

test('a variable that names the emulator and is empty counts as not set', async (t) => {
  const { STYTCH_M2M_EMULATOR, PATH } = process.env;
  t.after(() => Object.assign(process.env, { STYTCH_M2M_EMULATOR, PATH }));
  process.env.STYTCH_M2M_EMULATOR = '';
  process.env.PATH = `${path.dirname(STYTCH_M2M_EMULATOR)}${path.delimiter}${PATH}`;
  await (await Emulator.start()).stop();
});

test('what keeps an emulator from starting is told', async () => {
  const missing = { code: 'invalid_config', field: 'program', message: /cargo install --path emulator/ };
  await assert.rejects(Emulator.start({ program: '/nonexistent/emulator' }), missing);
  await assert.rejects(Emulator.start({ project_id: 'project-live-1' }), {
    field: 'program',
    message: /live/,
  });
  await assert.rejects(Emulator.start({ port: 7 }), { field: 'port' });
});
