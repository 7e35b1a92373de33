// Issuers that are not listed: a function decides.
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { Emulator } = require('stytch-m2m/testing');
const { Issuer, stytch } = require('./support');

/** An issuer of this name, with a key of its own. */
function issuer(name) {
  return Object.assign(new Issuer(name), { name });
}

const listed = issuer('https://listed.example.com');
const customer = issuer('https://customer.example.com');

/** A resolver that knows `customer`, and the names that it was asked about. */
function asked(answer = (name) => (name === customer.name ? customer.config : undefined)) {
  const names = [];
  const resolve = async (name) => {
    names.push(name);
    return answer(name);
  };
  return { names, resolve };
}

const verify = (verifier, access_token) => verifier.authenticateToken({ access_token });

test('a listed issuer is never asked about, another once, and an unknown one is remembered', async () => {
  const { names, resolve } = asked();
  const verifier = new stytch.TokenVerifier({ issuers: [listed.config], issuer_resolver: resolve });
  assert.equal((await verify(verifier, listed.sign())).issuer, listed.name);
  assert.deepEqual(names, []);

  const tokens = Array.from({ length: 20 }, (_, number) => customer.sign({ jti: `${number}` }));
  const claims = await Promise.all(tokens.map((token) => verify(verifier, token)));
  assert.deepEqual(new Set(claims.map((one) => one.issuer)), new Set([customer.name]));
  assert.deepEqual(names, [customer.name]);
  // It is accepted at once now.
  assert.equal(verifier.authenticateTokenSync({ access_token: tokens[0] }).client_id, 'a-client');

  const stranger = issuer('https://stranger.example.com').sign();
  for (let times = 0; times < 3; times += 1) {
    await assert.rejects(verify(verifier, stranger), { code: 'invalid_token', claim: 'iss' });
  }
  assert.deepEqual(names, [customer.name, 'https://stranger.example.com']);
  assert.deepEqual(verifier.health().map((one) => one.issuer), [listed.name, customer.name]);
});

test('another issuer cannot sign for one that is accepted', async () => {
  const verifier = new stytch.TokenVerifier({ issuer_resolver: asked().resolve });
  const forged = issuer(customer.name).sign();
  await assert.rejects(verify(verifier, forged), { code: 'invalid_token', reason: 'signature_invalid' });
});

test('a function that fails is a 503 with its message, and nothing is remembered', async () => {
  let isDown = true;
  const { names, resolve } = asked((name) => {
    if (isDown) throw new RangeError('the table of customers is away');
    return name === customer.name ? customer.config : null;
  });
  const verifier = new stytch.TokenVerifier({ issuer_resolver: { resolve } });
  await assert.rejects(verify(verifier, customer.sign()), (error) => {
    assert(error instanceof stytch.KeysUnavailableError, String(error));
    assert.match(error.message, /RangeError: the table of customers is away/);
    assert.equal(error.refusal.status, 503);
    return true;
  });
  isDown = false;
  const until = Date.now() + 20_000;
  for (;;) {
    try {
      assert.equal((await verify(verifier, customer.sign())).issuer, customer.name);
      break;
    } catch (error) {
      assert.equal(error.code, 'keys_unavailable');
      assert(Date.now() < until, String(error));
      await new Promise((resolved) => setTimeout(resolved, 50));
    }
  }
  assert(names.length >= 2);
});

test('settings of another issuer than the one that was asked about, and bad ones, are not used', async () => {
  for (const answer of [() => listed.config, () => ({ issuers: [customer.name] }), () => 'yes']) {
    const verifier = new stytch.TokenVerifier({ issuer_resolver: asked(answer).resolve });
    for (const token of [customer.sign(), issuer(customer.name).sign()]) {
      await assert.rejects(verify(verifier, token), { code: 'keys_unavailable' });
    }
  }
});

test("Entra's tenants are asked about by their ids, and other issuers are none", async () => {
  const tenant = '0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a';
  const tenants = [];
  const verifier = new stytch.TokenVerifier({
    issuer_resolver: {
      audience: 'api://orders',
      is_accepted: async (id) => {
        tenants.push(id);
        if (id.startsWith('f')) throw new Error('no table');
        return 'yes';
      },
      lifetime_seconds: 60,
    },
  });
  const refused = { code: 'invalid_token' };
  for (const name of [`https://sts.windows.net/${tenant}/`, `https://login.microsoftonline.com/${tenant}/v2.0`]) {
    await assert.rejects(verify(verifier, issuer(name).sign()), refused);
  }
  for (const name of [`https://evil.test/${tenant}/v2.0`, 'https://sts.windows.net/common/', customer.name]) {
    await assert.rejects(verify(verifier, issuer(name).sign()), refused);
  }
  // Only `true` accepts, and one that was refused is asked about once for each of its names.
  assert.deepEqual(tenants, [tenant, tenant]);
  const failing = issuer(`https://sts.windows.net/${tenant.replace(/^0/, 'f')}/`).sign();
  await assert.rejects(verify(verifier, failing), { code: 'keys_unavailable' });
});

test('wrong resolvers are found when the verifier is made', () => {
  const make = (issuer_resolver) => () => new stytch.TokenVerifier({ issuer_resolver });
  const { resolve } = asked();
  const wrong = (field) => ({ code: 'invalid_config', field });
  assert.throws(make('yes'), wrong('issuer_resolver'));
  assert.throws(make({}), wrong('resolve'));
  assert.throws(make({ is_accepted: resolve }), wrong('audience'));
  assert.throws(make({ resolve, lifetime: 3 }), wrong('lifetime'));
  assert.throws(make({ resolve, lifetime_seconds: 0 }), wrong('lifetime'));
  assert.throws(make({ resolve, negative_lifetime_seconds: 86_401 }), wrong('negative_lifetime'));
  assert.throws(make({ resolve, max_issuers: 65_537 }), wrong('max_issuers'));
  assert.throws(() => new stytch.TokenVerifier({ issuers: [] }), wrong('issuers'));
});

test('a project has several names, and tenants of Entra may be a list', async (t) => {
  const emulator = await Emulator.start();
  t.after(() => emulator.stop());
  const { project_id, base_url } = emulator;
  const base_urls = ['https://login.example.com', base_url];
  const several = stytch.IssuerConfig.stytch({ project_id, base_urls });
  assert.deepEqual(several.issuers.slice(-2).sort(), [...base_urls].sort());
  assert.match(several.jwks_url, /^https:\/\/login\.example\.com\//);
  const own = stytch.IssuerConfig.stytch({ project_id, base_url, base_urls: ['https://login.example.com'] });
  const verifier = new stytch.TokenVerifier({ issuers: [own] });
  assert(await verify(verifier, await emulator.issueToken({ client_id: 'billing' })));

  const tenant = ['0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a', '1a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a'];
  const entra = stytch.IssuerConfig.entra({ tenant, audience: 'api://orders' });
  assert.equal(entra.issuers.length, 4);
  assert.throws(() => stytch.IssuerConfig.entra({ tenant: [], audience: 'a' }), { field: 'tenant' });
});
