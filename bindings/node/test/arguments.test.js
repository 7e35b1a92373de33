// Arguments that would be ignored, and arguments of a wrong type: both are refused in words.
'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { inspect } = require('node:util');
const axios = require('axios');
const fastify = require('fastify');
const { attachTokens } = require('stytch-m2m/axios');
const { requireToken } = require('stytch-m2m/express');
const { stytchM2M } = require('stytch-m2m/fastify');
const { tokenFetch } = require('stytch-m2m/fetch');
const { TokenGuard } = require('stytch-m2m/nest');
const { Emulator } = require('stytch-m2m/testing');
const { tokenInterceptor } = require('stytch-m2m/undici');
const { Issuer, client, stytch } = require('./support');

const issuer = new Issuer();
const verifier = new stytch.TokenVerifier({ issuers: [issuer.config] });
const grant = { client_id: 'id', client_secret: 'a-secret' };
const source = new stytch.TokenSource(grant);
const organization = new stytch.OrganizationClient({ base_url: 'https://example.com', authorization: 'Bearer x' });
const outgoing = { source, origins: ['https://api.example.com'] };

/** Arguments of each function of the package: as many as it takes. */
async function entries() {
  const { m2m } = client;
  const { clients } = m2m;
  const id = { client_id: 'id' };
  const access_token = issuer.sign();
  const claims = await verifier.authenticateToken({ access_token });
  const app = await fastify().register(stytchM2M, { verifier });
  const seed = { jwks: issuer.jwks, fetched_at: new Date() };
  const settings = { ...grant, project_id: 'project-test-1' };
  return {
    Client: [(...args) => new stytch.Client(...args), {}],
    B2BClient: [(...args) => new stytch.B2BClient(...args), {}],
    TokenSource: [(...args) => new stytch.TokenSource(...args), settings],
    TokenVerifier: [(...args) => new stytch.TokenVerifier(...args), {}],
    OrganizationClient: [(...args) => new stytch.OrganizationClient(...args), {}],
    TokenGuard: [(...args) => new TokenGuard(...args), { verifier }],
    'client.stats': [client.stats.bind(client)],
    'm2m.token': [m2m.token.bind(m2m), grant],
    'm2m.invalidateToken': [m2m.invalidateToken.bind(m2m), { access_token }],
    ...members('clients', clients, {
      create: [{ scopes: [] }], get: [id], update: [id], delete: [id], search: [{}], searchAll: [{}],
    }),
    ...members('secrets', clients.secrets, {
      rotateWith: [{ ...id, store: () => {} }], rotateStart: [id], recoverRotation: [id], rotate: [id],
      rotateFinish: [{ ...id, next_client_secret: 'a-secret' }], rotateCancel: [id],
    }),
    ...members('source', source, { getToken: [{}], authorizationHeader: [{}], invalidate: [{ access_token }], stats: [] }),
    ...members('organization', organization, { clientId: [{}], clientSecret: [{}], token: [{}], rotate: [{}], stats: [] }),
    ...members('verifier', verifier, {
      authenticateToken: [{ access_token }, () => true], authenticateTokenSync: [{ access_token }], warmUp: [{}],
      seedJwks: [seed], exportJwks: [], health: [], stats: [],
    }),
    ...members('IssuerConfig', stytch.IssuerConfig, {
      stytch: [{ project_id: 'project-test-1' }], auth0: [{ domain: 'a.auth0.com', audience: 'b' }],
      oauth: [{ issuer: 'a', audiences: ['b'], jwks: '{}' }],
    }),
    ...members('ProtectedResource', stytch.ProtectedResource, { discover: [{ url: 'https://api.example.com' }] }),
    ...members('claims', claims, { missingScopes: [[]] }),
    ...members('stytch', stytch, {
      tokenFromAuthorizationHeader: ['Bearer x'], tokenFromAuthorizationHeaders: [['Bearer x']], refusesToken: [401, []], onLog: [() => {}, {}],
    }),
    requireToken: [requireToken, { verifier }],
    'fastify.requireToken': [app.requireToken.bind(app), {}],
    tokenFetch: [tokenFetch, outgoing],
    tokenInterceptor: [tokenInterceptor, outgoing],
    attachTokens: [attachTokens, axios.create(), outgoing],
    'Emulator.start': [Emulator.start, {}],
  };
}

function members(owner, object, calls) {
  return Object.fromEntries(
    Object.entries(calls).map(([name, args]) => [`${owner}.${name}`, [object[name].bind(object), ...args]]),
  );
}

test('first day 1: an argument too many is an error, everywhere', async () => {
  for (const [name, [call, ...args]] of Object.entries(await entries())) {
    await assert.rejects(async () => call(...args, { more: 'canary-1' }), (error) => {
      assert(error instanceof stytch.InvalidConfigError, `${name}: ${inspect(error)}`);
      const takes = ['no argument', 'one argument', 'two arguments'][args.length];
      const message = `one argument too many: there are ${args.length + 1}, and this takes ${takes}`;
      assert.deepEqual([error.field, error.message], ['arguments', message], name);
      return true;
    });
  }
});

test('first day 1: every function of the package is among those', async () => {
  const known = new Set(Object.keys(await entries()).map((name) => name.split('.').at(-1)));
  // Closing takes what an event or a hook hands over.
  for (const name of ['constructor', 'close', 'stop']) known.add(name);
  const owners = [client.m2m, client.m2m.clients, client.m2m.clients.secrets, source, organization, verifier, client];
  for (const owner of owners) {
    for (let type = Object.getPrototypeOf(owner); type !== Object.prototype; type = Object.getPrototypeOf(type)) {
      for (const name of Object.getOwnPropertyNames(type)) {
        if (typeof owner[name] === 'function') assert(known.has(name), `${owner.constructor.name}.${name}`);
      }
    }
  }
  for (const [name, value] of Object.entries(stytch)) {
    if (typeof value === 'function' && !(value.prototype instanceof Error)) assert(known.has(name), name);
  }
});

test("first day 1: authenticateToken takes the official client's function, and asks it", async () => {
  const access_token = issuer.sign({ scope: 'read:users write:users' });
  const asked = [];
  const answering = (answer) => (args) => {
    asked.push(args);
    return answer;
  };
  const required_scopes = ['delete:users'];
  const claims = await verifier.authenticateToken({ access_token, required_scopes }, answering(true));
  assert.equal(claims.client_id, 'a-client');
  assert.deepEqual(asked, [{ hasScopes: ['read:users', 'write:users'], requiredScopes: ['delete:users'] }]);
  for (const no of [false, undefined, 'yes', 1, Promise.resolve(false)]) {
    await assert.rejects(verifier.authenticateToken({ access_token, required_scopes }, answering(no)), {
      code: 'insufficient_scope',
      missing_scopes: ['delete:users'],
    });
  }
  assert.equal((await verifier.authenticateToken({ access_token }, answering(Promise.resolve(true)))).client_id, 'a-client');
  await assert.rejects(verifier.authenticateToken({ access_token }, answering(false)), { code: 'insufficient_scope' });
  await assert.rejects(
    verifier.authenticateToken({ access_token }, () => {
      throw new RangeError('mine');
    }),
    { name: 'RangeError', message: 'mine' },
  );

  const wrong = { code: 'invalid_config', field: 'scopeAuthorization' };
  for (const bad of [null, true, {}, 'read']) {
    await assert.rejects(verifier.authenticateToken({ access_token }, bad), wrong);
  }
  const twice = { code: 'invalid_config', field: 'authorize' };
  await assert.rejects(verifier.authenticateToken({ access_token, authorize: () => true }, () => true), twice);
  assert.throws(() => verifier.authenticateTokenSync({ access_token }, () => false), { field: 'arguments' });
});

test('first day 1: a guard whose scopes are there and undefined does not start', async () => {
  const app = await fastify().register(stytchM2M, { verifier });
  const guards = {
    express: (args) => requireToken({ verifier, ...args }),
    nest: (args) => new TokenGuard({ verifier, ...args }),
    fastify: (args) => app.requireToken(args),
  };
  for (const [name, guard] of Object.entries(guards)) {
    guard({});
    for (const field of ['required_scopes', 'authorize', 'max_token_age_seconds', 'clock_tolerance_seconds']) {
      for (const lost of [undefined, null]) {
        const message = `${field} is there, and is ${lost}: give it a value, or leave it out`;
        assert.throws(() => guard({ [field]: lost }), { code: 'invalid_config', field, message }, name);
      }
    }
    assert.throws(() => guard({ scopes: undefined }), { code: 'invalid_config', field: 'scopes' }, name);
  }
  await assert.rejects(async () => fastify().register(stytchM2M, { verifier, onRefused: undefined }), {
    field: 'onRefused',
  });
});

test('first day 3: what is of a wrong type is named, and never quoted', async () => {
  const canary = 'canary-of-a-token';
  const claims = await verifier.authenticateToken({ access_token: issuer.sign() });
  const holes = [];
  holes[1] = canary;
  const bad = [7, true, {}, [canary], Symbol(canary), () => canary, new String(canary), 1n, holes];
  const calls = {
    value: bad.map((value) => () => stytch.tokenFromAuthorizationHeader(value)),
    values: [...bad, [[canary]], canary, null, undefined, new Set([canary])]
      .filter((value) => !(Array.isArray(value) && value.length === 1 && value[0] === canary))
      .map((value) => () => stytch.tokenFromAuthorizationHeaders(value)),
    status: [canary, 401.5, -1, 70000, null, undefined, [401]].map((value) => () => stytch.refusesToken(value, [])),
    www_authenticate: [canary, [7], null, undefined, holes].map((value) => () => stytch.refusesToken(401, value)),
    required: [canary, [7], null, undefined, holes].map((value) => () => claims.missingScopes(value)),
    access_token: bad.map((access_token) => () => verifier.authenticateTokenSync({ access_token })),
    required_scopes: [canary, [[canary]], holes].map((required_scopes) => () => {
      return verifier.authenticateTokenSync({ access_token: 'x', required_scopes });
    }),
    scopes: [holes, canary].map((scopes) => () => new stytch.TokenSource({ ...grant, scopes })),
    extra: [new Map([['a', canary]]), new URLSearchParams({ a: canary }), [canary], { a: [canary] }].map((extra) => () => {
      return new stytch.TokenSource({ ...grant, extra });
    }),
    jwks: [new Map([['keys', canary]]), 7, [canary]].map((jwks) => () => {
      return new stytch.TokenVerifier({ issuers: [{ issuers: ['a'], audiences: ['b'], jwks }] });
    }),
    issuers: [canary, { canary }].map((issuers) => () => new stytch.TokenVerifier({ issuers })),
    large_integers: ['number', true].map((large_integers) => () => new stytch.TokenVerifier({ large_integers })),
    arguments: [[canary], canary, null, 7].map((given) => () => verifier.authenticateTokenSync(given)),
  };
  for (const [field, attempts] of Object.entries(calls)) {
    for (const [index, attempt] of attempts.entries()) {
      assert.throws(attempt, (error) => {
        const what = `${field} ${index}: ${inspect(error)}`;
        assert(error instanceof stytch.InvalidConfigError, what);
        assert.equal(error.field, field, what);
        assert(!inspect(error, { showHidden: true }).includes(canary), what);
        return true;
      });
    }
  }
  for (const metadata of [new Map([['a', 1]]), new Set([1]), [1]]) {
    const wrong = { code: 'invalid_config', field: 'trusted_metadata' };
    await assert.rejects(client.m2m.clients.create({ scopes: [], trusted_metadata: metadata }), wrong);
  }
});

test('first day 3: a header as the Fetch API gives it is a request without one', () => {
  const missing = { code: 'invalid_token', reason: 'missing' };
  const { headers } = new Request('https://example.com');
  for (const value of [undefined, null, headers.get('authorization')]) {
    assert.throws(() => stytch.tokenFromAuthorizationHeader(value), missing);
  }
  assert.throws(() => stytch.tokenFromAuthorizationHeaders([]), missing);
});
