'use strict';

// Calls every function, of the package and of the native module below it, with values that none of them
// is made for. They may refuse or fail; the process must go on to its last line.

const assert = require('node:assert/strict');
const native = require('../../native/index.js');
const { Issuer, stytch } = require('../support');

const thrower = () => {
  throw new Error('odd');
};
const revoked = Proxy.revocable({}, {});
revoked.revoke();
const ODD = [
  undefined,
  null,
  true,
  -0,
  -1,
  0.5,
  NaN,
  Infinity,
  -Infinity,
  5e-324,
  1e19,
  1e300,
  1e308,
  2 ** 31,
  2 ** 53,
  2 ** 64,
  -(2 ** 63),
  1n,
  2n ** 70n,
  '',
  'text',
  'a\0b',
  '\ud800',
  '\udfff\ud800',
  '\u2028',
  'x'.repeat(1 << 20),
  Symbol('odd'),
  thrower,
  new Date(NaN),
  [],
  [NaN],
  ['\ud800'],
  Object.assign([], { length: 3 }),
  {},
  Object.create(null),
  { get client_id() { return thrower(); }, get issuers() { return thrower(); } },
  { toString: thrower, valueOf: thrower, [Symbol.toPrimitive]: thrower, toJSON: thrower },
  new Proxy({}, { get: thrower, has: thrower, ownKeys: thrower, getPrototypeOf: thrower }),
  new Proxy([], { get: thrower }),
  revoked.proxy,
  new Uint8Array(3),
  new Map([['a', 'b']]),
  Promise.resolve(),
];

const pending = [];
let calls = 0;

function attempt(call) {
  calls += 1;
  try {
    const result = call();
    if (result instanceof Promise) pending.push(result.catch(() => {}));
    return result;
  } catch {
    return undefined;
  }
}

/** Calls with each odd value in each place, the others being as they should. */
function vary(good, call) {
  for (const place of good.keys()) {
    for (const odd of ODD) attempt(() => call(...good.with(place, odd)));
  }
  for (const odd of ODD) attempt(() => call(...good.map(() => odd)));
}

/** Calls with each odd value as each member of the one argument, and as the argument itself. */
function varyMembers(good, call) {
  for (const odd of ODD) attempt(() => call(odd));
  for (const name of Object.keys(good)) {
    for (const odd of ODD) attempt(() => call({ ...good, [name]: odd }));
  }
}

const base_url = process.env.CLOSED_URL;
const transport = {
  connect_timeout_seconds: 1,
  attempt_timeout_seconds: 1,
  total_timeout_seconds: 0.05,
  extra_ca_pem: undefined,
  bundled_roots: true,
  client_certificate_pem: undefined,
  proxy: 'off',
  max_key_age_seconds: 60,
};
const store = { token_store_url: undefined, token_store_key: undefined };
const PROJECT = { project_id: 'project-test-1', secret: 'secret', base_url, vertical: 'consumer' };
const CREDENTIAL = { client_id: 'id', client_secret: 'a-secret', scopes: ['a'], extra: { a: 'b' } };
const issuer = { issuers: ['i'], audiences: ['a'], algorithms: ['RS256'], jwks_url: base_url, profile: 'oauth' };
const key_sets = { issuers: [issuer], verified_token_cache_size: 8 };
const seed = { issuer: 'i', jwks: '{"keys":[]}', fetched_at: 1 };
const signal = undefined;

function ofPackage() {
  const settings = { ...PROJECT, ...store, ...transport, verified_token_cache_size: 8 };
  varyMembers(settings, (given) => new stytch.Client(given));
  varyMembers({ ...key_sets, ...transport }, (given) => new stytch.TokenVerifier(given));
  varyMembers(issuer, (given) => new stytch.TokenVerifier({ issuers: [given] }));
  const source_settings = { ...CREDENTIAL, base_url, project_id: 'p', ...store, ...transport };
  varyMembers({ ...source_settings, token_url: undefined }, (given) => new stytch.TokenSource(given));
  const organization_settings = { base_url, authorization: 'Bearer x', ...transport };
  varyMembers(organization_settings, (given) => new stytch.OrganizationClient(given));
  varyMembers({ project_id: 'p', base_url, vertical: 'b2b' }, stytch.IssuerConfig.stytch);
  varyMembers({ domain: 'a.auth0.com', audience: 'a' }, stytch.IssuerConfig.auth0);
  varyMembers({ issuer: 'i', audiences: ['a'], jwks: '{}' }, stytch.IssuerConfig.oauth);
  vary(['Bearer x'], stytch.tokenFromAuthorizationHeader);
  for (const odd of ODD) {
    for (const client_secret of [odd, { file: odd }, { env: odd }, () => odd, async () => odd]) {
      const made = attempt(() => new stytch.TokenSource({ client_id: 'id', token_url: base_url, ...transport, client_secret }));
      attempt(() => made.getToken());
    }
  }

  const { m2m } = new stytch.Client({ ...PROJECT, ...transport });
  const verification = { access_token: 'x', required_scopes: ['a'], max_token_age_seconds: 1 };
  const options = { ...verification, clock_tolerance_seconds: 1, authorize: undefined };
  varyMembers(options, (given) => m2m.authenticateTokenSync(given));
  varyMembers({ ...options, off_thread: true, signal }, (given) => m2m.authenticateToken(given));
  varyMembers({ issuer: 'i', jwks: '{}', fetched_at: new Date() }, (given) => m2m.seedJwks(given));
  varyMembers({ signal }, (given) => m2m.warmUp(given));
  varyMembers({ ...CREDENTIAL, force_refresh: true, signal }, (given) => m2m.token(given));
  varyMembers({ access_token: 'x' }, (given) => m2m.invalidateToken(given));
  const created = { client_id: 'id', client_secret: 'x', client_name: 'n', client_description: 'd' };
  const more = { scopes: ['a'], trusted_metadata: { a: 1 }, idempotent: false, signal };
  varyMembers({ ...created, ...more }, (given) => m2m.clients.create(given));
  const { client_secret: _, ...changed } = created;
  varyMembers({ ...changed, ...more, status: 'active' }, (given) => m2m.clients.update(given));
  const query = { operator: 'AND', operands: [{ filter_name: 'scopes', filter_value: ['a'] }] };
  varyMembers({ limit: 1, cursor: 'c', query, signal }, (given) => m2m.clients.search(given));
  varyMembers(query, (given) => m2m.clients.search({ query: given }));
  varyMembers(query.operands[0], (given) => m2m.clients.search({ query: { operands: [given] } }));
  for (const name of ['get', 'delete']) {
    varyMembers({ client_id: 'id', signal }, (given) => m2m.clients[name](given));
  }
  for (const name of ['rotateStart', 'rotate', 'rotateCancel', 'recoverRotation']) {
    varyMembers({ client_id: 'id', signal }, (given) => m2m.clients.secrets[name](given));
  }
}

function ofNativeModule() {
  const project = { ...PROJECT, secret: { value: 'secret' } };
  const credential = { ...CREDENTIAL, client_secret: { value: 'a-secret' } };
  const with_keys = { ...issuer, jwks_url: undefined, jwks: JSON.stringify(new Issuer().jwks) };
  const objects = [
    native.newClient({ ...project, ...transport }),
    native.newTokenSource({ ...credential, token_url: base_url, ...transport }),
    native.newTokenVerifier({ issuers: [with_keys], ...transport }, 0),
    native.newOrganizationClient({ base_url, authorization: 'Bearer x', ...transport }),
    new native.Cancel(),
  ];
  const good = {
    newClient: [{ ...project, ...transport }],
    newTokenSource: [{ ...credential, base_url, project_id: 'p', ...transport }],
    newTokenVerifier: [{ ...key_sets, ...transport }, 0],
    newOrganizationClient: [{ base_url, authorization: 'Bearer x', ...transport }],
    authenticateTokenNow: ['x', 'a\nb', 2, 1, 1, false],
    authenticateToken: ['x', { required_scopes: [], decides_itself: false }],
    seedJwks: [seed],
    newOrigins: [['https://api.example.com']],
  };
  const functions = Object.entries(native).filter(([name, value]) => {
    return typeof value === 'function' && name !== 'samplePanic';
  });
  for (const [name, value] of functions) {
    vary(good[name] ?? ['x', 'x', 'x'], (...args) => value(...args));
    for (const odd of ODD) attempt(() => new value(odd));
  }
  for (const name of Object.keys(transport)) {
    for (const odd of ODD) attempt(() => native.newClient({ ...project, ...transport, [name]: odd }));
  }
  for (const odd of ODD) {
    for (const client_secret of [odd, { value: odd }, { file: odd }, { env: odd }]) {
      attempt(() => native.newTokenSource({ ...credential, token_url: base_url, ...transport, client_secret }));
    }
  }
  for (const name of Object.keys(seed)) {
    for (const odd of ODD) attempt(() => objects[2].seedJwks({ ...seed, [name]: odd }));
  }
  for (const object of objects) {
    assert.deepEqual(Object.keys(object), []);
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(object));
    // Last, for the others would find it closed.
    const isLast = (name) => name === 'close' || name === 'cancel';
    for (const name of methods.sort((a, b) => isLast(a) - isLast(b))) {
      if (name === 'constructor') continue;
      vary(good[name] ?? ['x', 'x', 'x'], (...args) => object[name](...args));
      for (const odd of ODD) attempt(() => object[name].call(odd, 'x'));
    }
  }
}

ofPackage();
ofNativeModule();
Promise.all(pending).then(() => console.log(`went on after ${calls > 5000 ? 'thousands of' : calls} calls`));
