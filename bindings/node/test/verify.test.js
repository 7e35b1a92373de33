'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { inspect } = require('node:util');
const { Issuer, client, m2mClient, serve, stytch } = require('./support');

const issuer = new Issuer();
const verifier = new stytch.TokenVerifier({ issuers: [issuer.config] });

async function warmToken(t) {
  const { client_id, client_secret } = await m2mClient(t);
  const { access_token } = await client.m2m.token({ client_id, client_secret });
  await client.m2m.warmUp();
  return { client_id, access_token };
}

test('a token of the project is verified', async (t) => {
  const { client_id, access_token } = await warmToken(t);
  const claims = await client.m2m.authenticateToken({ access_token, required_scopes: ['read:users'] });
  assert.equal(claims.client_id, client_id);
  assert.deepEqual(claims.scopes, ['read:users', 'write:users']);
  assert.equal(claims.issuer, `stytch.com/${client.project_id}`);
  assert.deepEqual(claims.audience, [client.project_id]);
  assert.equal(claims.expires_at - claims.issued_at, 3_600_000);
  assert(claims.not_before instanceof Date);
});

test('both verticals find their keys', async (t) => {
  const { access_token } = await warmToken(t);
  for (const fresh of [new stytch.B2BClient(), new stytch.Client({ vertical: 'b2b' })]) {
    assert(await fresh.m2m.authenticateToken({ access_token }));
  }
});

test('with the keys at hand, the promise is settled when it is returned', async (t) => {
  const { client_id, access_token } = await warmToken(t);
  const accepted = client.m2m.authenticateToken({ access_token });
  assert.doesNotMatch(inspect(accepted), /pending/);
  const refused = client.m2m.authenticateToken({ access_token, required_scopes: ['x'] });
  assert.match(inspect(refused), /rejected/);
  await assert.rejects(refused, stytch.InsufficientScopeError);
  assert.equal((await accepted).client_id, client_id);
  assert.equal(client.m2m.authenticateTokenSync({ access_token }).client_id, client_id);
});

test('with cold keys, the sync call says so and the promise waits', async (t) => {
  const { access_token } = await warmToken(t);
  const cold = new stytch.Client();
  assert.throws(() => cold.m2m.authenticateTokenSync({ access_token }), stytch.KeysUnavailableError);
  const pending = cold.m2m.authenticateToken({ access_token });
  assert.match(inspect(pending), /pending/);
  await pending;
  assert(cold.m2m.authenticateTokenSync({ access_token }));
});

test('a lacking scope is named', async (t) => {
  const { access_token } = await warmToken(t);
  const required_scopes = ['read:users', 'delete:users'];
  await assert.rejects(client.m2m.authenticateToken({ access_token, required_scopes }), (error) => {
    assert(error instanceof stytch.InsufficientScopeError);
    assert.deepEqual(error.missing_scopes, ['delete:users']);
    assert.equal(error.http_status, 403);
    const challenge = 'Bearer error="insufficient_scope", scope="delete:users"';
    assert.equal(error.www_authenticate, challenge);
    return true;
  });
});

test('a required scope that holds the end of a line is no scope, however many there are', () => {
  const access_token = issuer.sign({ scope: 'a:b c:d' });
  assert(verifier.authenticateTokenSync({ access_token, required_scopes: ['a:b', 'c:d'] }));
  assert(verifier.authenticateTokenSync({ access_token, required_scopes: [] }));
  for (const required_scopes of [['a:b\nc:d'], ['a:b', 'c:d\n'], ['\n'], [''], ['a:b', '']]) {
    assert.throws(() => verifier.authenticateTokenSync({ access_token, required_scopes }), {
      code: 'invalid_config',
      field: 'required_scopes',
    });
  }
});

test('tokens of every length are read whole', () => {
  const lengths = new Set();
  for (let pad = 0; pad < 40; pad += 1) {
    const access_token = issuer.sign({ pad: 'x'.repeat(1090 + pad) });
    lengths.add(access_token.length);
    assert(verifier.authenticateTokenSync({ access_token }));
  }
  assert(Math.min(...lengths) < 2040 && Math.max(...lengths) > 2056, [...lengths].join());
});

test('an age limit and a clock tolerance are obeyed', async () => {
  const now = Math.floor(Date.now() / 1000);
  const reason = (args) =>
    verifier.authenticateToken(args).then(
      () => 'accepted',
      (error) => error.reason,
    );
  const old = issuer.sign({ iat: now - 100 });
  assert.equal(await reason({ access_token: old }), 'accepted');
  assert.equal(await reason({ access_token: old, max_token_age_seconds: 50 }), 'too_old');
  assert.equal(await reason({ access_token: old, max_token_age_seconds: 0 }), 'too_old');
  const expired = issuer.sign({ exp: now - 30 });
  assert.equal(await reason({ access_token: expired }), 'expired');
  assert.equal(await reason({ access_token: expired, clock_tolerance_seconds: 60 }), 'accepted');
});

test('a twin character beyond ASCII is refused, not cut down to its low byte', async () => {
  const access_token = issuer.sign();
  assert(verifier.authenticateTokenSync({ access_token }));
  for (const at of [0, 5, access_token.indexOf('.'), access_token.length - 1]) {
    const twin = String.fromCharCode(access_token.charCodeAt(at) + 0x100);
    for (const other of [twin, '\uD800', '\0']) {
      const forged = access_token.slice(0, at) + other + access_token.slice(at + 1);
      const refusal = { name: 'InvalidTokenError', reason: 'malformed' };
      assert.throws(() => verifier.authenticateTokenSync({ access_token: forged }), refusal);
      await assert.rejects(verifier.authenticateToken({ access_token: forged }), refusal);
    }
  }
});

test('custom claims are data: no prototype, no rounding', async () => {
  const claims = `{"__proto__":{"admin":true},"constructor":"c","toString":[{"__proto__":1}],
    "big":9007199254740993,"bigger":18446744073709551617,"negative":-9007199254740993,
    "safe":9007199254740991,"small":7,"real":0.12345678901234567,"exponent":1e300,
    "text":"12345678901234567890","escaped":"\\"12345678901234567890\\\\","list":[9007199254740993]}`;
  const exact = new stytch.TokenVerifier({ issuers: [issuer.config], large_integers: 'bigint' });
  const { custom_claims } = exact.authenticateTokenSync({ access_token: issuer.sign(claims) });
  assert.equal(Object.getPrototypeOf(custom_claims), null);
  assert.equal(custom_claims.admin, undefined);
  assert.equal(Object.getPrototypeOf(custom_claims.__proto__), null);
  assert.equal(custom_claims.__proto__.admin, true);
  assert.equal(custom_claims.toString[0].__proto__, 1);
  assert.equal(custom_claims.big, 9007199254740993n);
  assert.equal(custom_claims.bigger, 18446744073709551617n);
  assert.equal(custom_claims.negative, -9007199254740993n);
  assert.equal(custom_claims.safe, Number.MAX_SAFE_INTEGER);
  assert.equal(custom_claims.small, 7);
  assert.equal(custom_claims.real, 0.12345678901234567);
  assert.equal(custom_claims.exponent, 1e300);
  assert.equal(custom_claims.text, '12345678901234567890');
  assert.equal(custom_claims.escaped, '"12345678901234567890\\');
  assert.deepEqual(custom_claims.list, [9007199254740993n]);
  assert.equal({}.admin, undefined);
});

test('authorize replaces the comparison of scopes', async () => {
  const access_token = issuer.sign({ scope: 'read:users' });
  const required_scopes = ['not:held'];
  const calls = [];
  const allow = (claims, required) => (calls.push([claims.client_id, required]), true);
  assert(await verifier.authenticateToken({ access_token, required_scopes, authorize: allow }));
  assert(verifier.authenticateTokenSync({ access_token, required_scopes, authorize: allow }));
  assert.deepEqual(calls, Array(2).fill(['a-client', required_scopes]));
  const later = async () => true;
  assert(await verifier.authenticateToken({ access_token, required_scopes, authorize: later }));

  for (const answer of [false, undefined, 1, 'yes', Promise.resolve(false)]) {
    await assert.rejects(
      verifier.authenticateToken({ access_token, authorize: () => answer }),
      stytch.InsufficientScopeError,
    );
  }
  for (const answer of [false, undefined, 1, 'yes']) {
    assert.throws(
      () => verifier.authenticateTokenSync({ access_token, authorize: () => answer }),
      stytch.InsufficientScopeError,
    );
  }
  // What lacks by the core's comparison, and the challenge that says so.
  const denied = {
    code: 'insufficient_scope',
    missing_scopes: ['not:held'],
    www_authenticate: 'Bearer error="insufficient_scope", scope="not:held"',
  };
  const asked = { access_token, required_scopes: ['read:users', 'not:held'], authorize: () => false };
  await assert.rejects(verifier.authenticateToken(asked), denied);
  assert.throws(() => verifier.authenticateTokenSync(asked), denied);
  const held = { access_token, required_scopes: ['read:users'], authorize: () => false };
  const nothing_lacks = { missing_scopes: [], www_authenticate: 'Bearer error="insufficient_scope"' };
  await assert.rejects(verifier.authenticateToken(held), { ...denied, ...nothing_lacks });

  assert.throws(() => verifier.authenticateTokenSync({ access_token, authorize: later }), {
    code: 'invalid_config',
    field: 'authorize',
  });

  const own = new RangeError('mine');
  const fail = () => {
    throw own;
  };
  await assert.rejects(verifier.authenticateToken({ access_token, authorize: fail }), (e) => e === own);
  const forged = `${access_token.slice(0, -8)}AAAAAAAA`;
  await assert.rejects(
    verifier.authenticateToken({ access_token: forged, authorize: fail }),
    stytch.InvalidTokenError,
  );
});

test('several issuers are accepted at once, each with its own keys', async (t) => {
  const other = new Issuer();
  other.name = 'https://other.example.com/';
  const jwks_url = await serve(t, (_, response) => response.end(JSON.stringify(other.jwks)));
  const { access_token } = await warmToken(t);
  const { STYTCH_PROJECT_ID: project_id, STYTCH_BASE_URL: base_url } = process.env;
  const { jwks: _, ...byUrl } = { ...other.config, jwks_url };
  const both = new stytch.TokenVerifier({
    issuers: [stytch.IssuerConfig.stytch({ project_id, base_url }), byUrl],
  });
  assert(await both.authenticateToken({ access_token }));
  assert.equal((await both.authenticateToken({ access_token: other.sign() })).issuer, other.name);
  const stranger = new Issuer('stranger-key');
  await assert.rejects(both.authenticateToken({ access_token: stranger.sign() }), {
    reason: 'key_not_found',
  });
  const auth0 = stytch.IssuerConfig.auth0({ domain: 'example.eu.auth0.com', audience: 'api' });
  assert.equal(auth0.jwks_url, 'https://example.eu.auth0.com/.well-known/jwks.json');
  assert.equal(auth0.profile, 'auth0');
  const scope_map = { read: 'read:invoices' };
  const renamed = { domain: 'example.eu.auth0.com', audience: 'api', scope_map };
  assert.deepEqual(stytch.IssuerConfig.auth0(renamed).scope_map, scope_map);
});

test('the token is taken from an Authorization header', () => {
  const take = stytch.tokenFromAuthorizationHeader;
  assert.equal(take('bearer  a.b.c'), 'a.b.c');
  for (const [header, reason, www_authenticate] of [
    [undefined, 'missing', 'Bearer'],
    ['Basic a.b.c', 'missing', 'Bearer'],
    ['Bearer', 'malformed', 'Bearer error="invalid_token"'],
    ['Bearer a.b.c d.e.f', 'malformed', 'Bearer error="invalid_token"'],
  ]) {
    const expected = { code: 'invalid_token', reason, www_authenticate, http_status: 401 };
    assert.throws(() => take(header), (error) => {
      for (const name of Object.keys(expected)) assert.equal(error[name], expected[name]);
      return error instanceof stytch.InvalidTokenError;
    });
  }
});

test('a token that is remembered is still decided about each time', async () => {
  const issuer = new Issuer();
  const settings = { issuers: [issuer.config], verified_token_cache_size: 100 };
  const verifier = new stytch.TokenVerifier(settings);
  const access_token = issuer.sign({ scope: 'a:b', nested: { __proto__: 1 } });
  const first = verifier.authenticateTokenSync({ access_token });
  first.scopes.push('c:d');
  first.custom_claims.nested.mine = true;
  const again = verifier.authenticateTokenSync({ access_token });
  assert.deepEqual(again.scopes, ['a:b'], 'what a caller does to its claims is its own affair');
  assert.equal('mine' in again.custom_claims.nested, false);
  assert.throws(() => verifier.authenticateTokenSync({ access_token, required_scopes: ['c:d'] }), {
    code: 'insufficient_scope',
  });
  assert.throws(() => verifier.authenticateTokenSync({ access_token, max_token_age_seconds: 0 }), {
    reason: 'too_old',
  });
  for (const size of [1.5, -1, 2 ** 21, '1']) {
    const bad = { ...settings, verified_token_cache_size: size };
    assert.throws(() => new stytch.TokenVerifier(bad), { field: 'verified_token_cache_size' });
  }
});

test('a token must belong to the organization that is required', async () => {
  const { ANY_ORGANIZATION } = stytch;
  const acme = issuer.sign({ org_id: 'acme', scope: 'read:users' });
  const nobodys = issuer.sign({ scope: 'read:users' });
  const wrong = { code: 'insufficient_scope', reason: 'wrong_organization', http_status: 403 };
  const both = async (args, check) => {
    await check(() => verifier.authenticateToken(args));
    await check(async () => verifier.authenticateTokenSync(args));
  };
  const passes = (args) => both(args, async (call) => assert.equal((await call()).organization, 'acme'));
  const fails = (args, error) => both(args, (call) => assert.rejects(call, error));
  await verifier.authenticateToken({ access_token: acme });
  await passes({ access_token: acme, organization: 'acme' });
  await passes({ access_token: acme, organization: ANY_ORGANIZATION });
  await passes({ access_token: acme });
  for (const organization of ['globex', 'Acme', 'acme ', '']) {
    await fails({ access_token: acme, organization }, wrong);
    await fails({ access_token: acme, organization, authorize: () => true }, wrong);
  }
  for (const organization of ['acme', '', ANY_ORGANIZATION]) await fails({ access_token: nobodys, organization }, wrong);
  const off_thread = verifier.authenticateToken({ access_token: acme, organization: 'globex', off_thread: true });
  await assert.rejects(off_thread, wrong);
  // It may have been missing by accident.
  for (const organization of [undefined, null, 7, Symbol('any')]) {
    await fails({ access_token: acme, organization }, { code: 'invalid_config', field: 'organization' });
  }
  const cognito = { ...issuer.config, organization_claim: null };
  const strict = new stytch.TokenVerifier({ issuers: [cognito] });
  assert.equal((await strict.authenticateToken({ access_token: acme })).organization, null);
  const path = new stytch.TokenVerifier({ issuers: [{ ...issuer.config, organization_claim: 'tenant.id' }] });
  const nested = issuer.sign({ tenant: { id: 'acme' }, org_id: 'globex' });
  assert.equal((await path.authenticateToken({ access_token: nested })).organization, 'acme');
});
