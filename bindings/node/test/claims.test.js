// The form of custom claims, and a verifier's settings from the environment.
'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const test = require('node:test');
const express = require('express');
const { requireToken } = require('stytch-m2m/express');
const { Issuer, client, m2mClient, stytch } = require('./support');

const issuer = new Issuer();
const issuers = [issuer.config];
const CLAIMS = '{"big":9007199254740993,"negative":-9007199254740993,"small":7,"deep":[{"big":18446744073709551617}],"__proto__":{"admin":true}}';

test('first day 6: res.json writes every claim', async (t) => {
  const app = express();
  app.get('/', requireToken({ verifier: new stytch.TokenVerifier({ issuers }) }), (req, res) => res.json(req.m2mClaims));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const headers = { authorization: `Bearer ${issuer.sign(CLAIMS)}` };
  const response = await fetch(`http://127.0.0.1:${server.address().port}`, { headers });
  assert.equal(response.status, 200);
  const { custom_claims } = await response.json();
  const { big, negative, small, deep } = custom_claims;
  assert.deepEqual([big, negative, small], ['9007199254740993', '-9007199254740993', 7]);
  assert.deepEqual(deep, [{ big: '18446744073709551617' }]);
  assert.deepEqual(Object.getOwnPropertyDescriptor(custom_claims, '__proto__').value, { admin: true });
});

test('first day 6: the form of claims is a setting of clients and verifiers', async (t) => {
  const access_token = issuer.sign(CLAIMS);
  const claimsOf = (settings) =>
    new stytch.TokenVerifier({ issuers, ...settings }).authenticateTokenSync({ access_token }).custom_claims;
  assert.equal(claimsOf({}).big, '9007199254740993');
  assert.equal(claimsOf({ large_integers: 'bigint' }).big, 9007199254740993n);
  for (const large_integers of ['text', 'bigint']) {
    const bare = claimsOf({ large_integers });
    assert.deepEqual([Object.getPrototypeOf(bare), Object.getPrototypeOf(bare.deep[0])], [null, null]);
    assert.equal(bare.constructor, undefined);
    const plain = claimsOf({ large_integers, plain_objects: true });
    const prototypes = [plain, plain.deep[0]].map((one) => Object.getPrototypeOf(one));
    assert.deepEqual(prototypes, [Object.prototype, Object.prototype]);
    assert.equal(plain.admin, undefined);
    assert.equal({}.admin, undefined);
  }
  const { client_id, client_secret } = await m2mClient(t);
  const { access_token: token } = await client.m2m.token({ client_id, client_secret });
  const { m2m } = new stytch.B2BClient({ plain_objects: true });
  const { custom_claims } = await m2m.authenticateToken({ access_token: token }).catch(() => ({ custom_claims: {} }));
  assert.equal(Object.getPrototypeOf(custom_claims), Object.prototype);
});

test('first day 6: a verifier takes its project from the environment', async (t) => {
  const { client_id, client_secret } = await m2mClient(t);
  const { access_token } = await client.m2m.token({ client_id, client_secret });
  const { STYTCH_PROJECT_ID, STYTCH_BASE_URL } = process.env;
  t.after(() => Object.assign(process.env, { STYTCH_PROJECT_ID, STYTCH_BASE_URL }));
  const verified = async (...settings) => {
    const { client_id } = await new stytch.TokenVerifier(...settings).authenticateToken({ access_token });
    return client_id;
  };
  assert.equal(await verified(), client_id);
  assert.equal(await verified({ verified_token_cache_size: 10 }), client_id);
  delete process.env.STYTCH_PROJECT_ID;
  assert.equal(await verified({ project_id: STYTCH_PROJECT_ID }), client_id);
  const missing = { code: 'invalid_config', field: 'project_id', message: /set STYTCH_PROJECT_ID/ };
  assert.throws(() => new stytch.TokenVerifier(), missing);
  process.env.STYTCH_PROJECT_ID = '';
  assert.throws(() => new stytch.TokenVerifier({}), missing);
  delete process.env.STYTCH_BASE_URL;
  assert.equal(await verified({ project_id: STYTCH_PROJECT_ID, base_url: STYTCH_BASE_URL }), client_id);

  // Issuers are instead of a project, whatever the environment says.
  Object.assign(process.env, { STYTCH_PROJECT_ID, STYTCH_BASE_URL });
  await assert.rejects(verified({ issuers }), { code: 'invalid_token' });
  for (const beside of [{ project_id: 'project-test-1' }, { base_url: 'https://example.com' }, { vertical: 'b2b' }]) {
    const [field] = Object.keys(beside);
    assert.throws(() => new stytch.TokenVerifier({ issuers, ...beside }), { code: 'invalid_config', field });
  }
});
