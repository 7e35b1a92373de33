// What people tripped over, in words that name the cure.
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { Emulator } = require('stytch-m2m/testing');
const { client, m2mClient, stytch, until } = require('./support');

const { m2m } = client;

test('first day 9: a leftover `Bearer ` is named as such', async (t) => {
  const { client_id, client_secret } = await m2mClient(t);
  const { access_token } = await m2m.token({ client_id, client_secret });
  const named = { code: 'invalid_token', reason: 'malformed', message: /begins with `Bearer `/ };
  for (const left of [`Bearer ${access_token}`, `bearer ${access_token}`]) {
    await assert.rejects(m2m.authenticateToken({ access_token: left }), named);
    assert.throws(() => m2m.authenticateTokenSync({ access_token: left }), named);
  }
});

test("first day 9: a token of another project says that the issuer is another's", async (t) => {
  const another = await Emulator.start();
  t.after(() => another.stop());
  const access_token = await another.issueToken({ client_id: 'billing' });
  await assert.rejects(m2m.authenticateToken({ access_token }), (error) => {
    assert.deepEqual([error.reason, error.claim], ['key_not_found', 'iss']);
    assert.match(error.message, /another issuer, not stytch\.com\//);
    assert(error.message.includes(process.env.STYTCH_PROJECT_ID));
    return true;
  });
});

test('first day 9: a wrong project id shows in warmUp, and in the log', async (t) => {
  const wrong = 'project-test-00000000-0000-4000-8000-00000000dead';
  const warnings = [];
  t.after(stytch.onLog(({ fields }) => warnings.push(JSON.stringify(fields)), { level: 'warn' }));
  const told = new RegExp(`${wrong}.*Check project_id`);
  const issuer = stytch.IssuerConfig.stytch({ project_id: wrong, base_url: process.env.STYTCH_BASE_URL });
  const verifier = new stytch.TokenVerifier({ issuers: [issuer] });
  await assert.rejects(verifier.warmUp(), { code: 'keys_unavailable', message: told });
  await until('the log says it', () => warnings.some((fields) => told.test(fields)));
});

test('first day 11: a deleted or deactivated client has no cached token', async (t) => {
  const [deleted, idle] = [await m2mClient(t), await m2mClient(t)];
  const grants = [deleted, idle].map(({ client_id, client_secret }) => ({ client_id, client_secret }));
  for (const grant of grants) await m2m.token(grant);
  await m2m.clients.delete({ client_id: deleted.client_id });
  await m2m.clients.update({ client_id: idle.client_id, status: 'inactive' });
  for (const grant of grants) await assert.rejects(m2m.token(grant), { code: 'authentication' });
});
