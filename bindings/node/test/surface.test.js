// All of `tests/surface.json` is in this package; `tests/README.md` says what may be spelled otherwise.
'use strict';

const assert = require('node:assert/strict');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const test = require('node:test');
const { toError } = require('../dist/errors.js');
const { native } = require('../dist/native.js');
const { toTokenClaims } = require('../dist/records.js');
const { Issuer, client, m2mClient, serve, stytch } = require('./support');

const surface = JSON.parse(readFileSync(join(__dirname, '../../../tests/surface.json'), 'utf8'));

/** What the package has beyond the file: Node's own idioms. */
const OWN = ['signal', 'off_thread', 'large_integers', 'plain_objects'];
const PROJECT = ['project_id', 'base_url', 'vertical'];
/** Names whose unit Node must say. */
const SPELLED = {
  age: ['age_seconds'],
  connect_timeout: ['connect_timeout_seconds'],
  attempt_timeout: ['attempt_timeout_seconds'],
  total_timeout: ['total_timeout_seconds'],
  max_key_age: ['max_key_age_seconds'],
  max_token_age: ['max_token_age_seconds'],
  max_token_lifetime: ['max_token_lifetime_seconds'],
  clock_tolerance: ['clock_tolerance_seconds'],
  retry_after: ['retry_after_seconds'],
};
/** An issuer's keys are one of two. */
const SPELLED_OF_ISSUER = { keys: ['jwks_url', 'jwks'] };

const issuer = new Issuer();
const grant = { client_id: 'id', client_secret: 'a-secret' };
const source = new stytch.TokenSource(grant);
const verifier = new stytch.TokenVerifier({ issuers: [issuer.config] });
const authorization = 'Bearer x';
const organization = new stytch.OrganizationClient({ base_url: 'https://example.com', authorization });

const HOMES = {
  Client: client.m2m,
  Clients: client.m2m.clients,
  Secrets: client.m2m.clients.secrets,
  TokenSource: source,
  TokenVerifier: verifier,
  OrganizationClient: organization,
  IssuerConfig: stytch.IssuerConfig,
};
const ON_CLIENT = ['project_id', 'stats'];
const NO_ARGUMENTS = [...ON_CLIENT, 'health', 'export_jwks'];

function camel(name) {
  return name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
}

function spelled(names, spelling = SPELLED) {
  return names.flatMap((name) => spelling[name] ?? [name]);
}

function same(got, wanted, what) {
  assert.deepEqual([...got].sort(), [...wanted].sort(), what);
}

/** The names that `call` takes, of which it tells when it gets another. */
async function taken(call) {
  const message = await (async () => call({ nonsense: true }))().then(
    () => assert.fail('it takes everything'),
    (error) => error.message,
  );
  assert.match(message, /^nonsense is unknown here: there are /);
  return message.replace(/.*there are /, '').split(', ').filter((name) => !OWN.includes(name));
}

test('every operation is there, with its arguments', async () => {
  for (const [home, operations] of Object.entries(surface.operations)) {
    for (const [name, wanted] of Object.entries(operations)) {
      const owner = home === 'Client' && ON_CLIENT.includes(name) ? client : HOMES[home];
      const operation = owner[name === 'project_id' ? name : camel(name)];
      assert(operation !== undefined, `${home} has no ${camel(name)}`);
      if (NO_ARGUMENTS.includes(name)) continue;
      const names = name === 'search_all' ? wanted.filter((one) => one !== 'cursor') : wanted;
      const spelling = home === 'IssuerConfig' ? SPELLED_OF_ISSUER : SPELLED;
      const takes = await taken((args) => operation.call(owner, args));
      same(takes, spelled(names, spelling), `${home}.${name}`);
    }
  }
  for (const name of Object.keys(surface.functions)) assert(stytch[camel(name)], name);
  const claims = Object.create(Object.getPrototypeOf(toTokenClaims('[]')));
  for (const [record, methods] of Object.entries(surface.methods)) {
    for (const name of Object.keys(methods)) {
      assert.equal(typeof { TokenClaims: claims }[record][camel(name)], 'function');
    }
  }
});

test('every setting is there', async () => {
  const { transport, ...classes } = surface.settings;
  for (const [name, wanted] of Object.entries(classes)) {
    const taking = await taken((args) => new stytch[name](args));
    // Instead of `issuers`: one project, of which the environment tells.
    const more = name === 'TokenVerifier' ? PROJECT : [];
    const names = taking.filter((one) => wanted.includes(one) || !more.includes(one));
    same(names, spelled([...wanted, ...transport]), name);
  }
});

test('every record has its members', async (t) => {
  const { m2m } = client;
  const url = await serve(t, (_, response) => response.end(JSON.stringify(issuer.jwks)));
  const { jwks: _, ...config } = issuer.config;
  const fetched = new stytch.TokenVerifier({ issuers: [{ ...config, jwks_url: url }] });
  await fetched.warmUp();
  const { client_id } = await m2mClient(t);
  const CreateResponse = await m2m.clients.create({ scopes: ['read:users'] });
  const { m2m_client: created } = CreateResponse;
  const token = await m2m.token({ client_id: created.client_id, client_secret: created.client_secret });
  const RotateStartResponse = await m2m.clients.secrets.rotateStart({ client_id });
  const ClientResponse = await m2m.clients.get({ client_id });
  const SearchResponse = await m2m.clients.search();
  const records = {
    CreateResponse,
    RotateStartResponse,
    ClientResponse,
    SearchResponse,
    DeleteResponse: await m2m.clients.delete({ client_id: created.client_id }),
    M2MClient: ClientResponse.m2m_client,
    M2MClientWithClientSecret: created,
    M2MClientWithNextClientSecret: RotateStartResponse.m2m_client,
    ResultsMetadata: SearchResponse.results_metadata,
    Token: token,
    TokenClaims: await m2m.authenticateToken({ access_token: token.access_token }),
    KeySetHealth: fetched.health()[0],
    ExportedKeySet: fetched.exportJwks()[0],
    CacheStats: fetched.stats(),
    ClientStats: client.stats(),
    Refusal: toError(native.insufficientScope([])).refusal,
  };
  // Arguments, which the operations above take apart.
  const { SearchQuery, IssuerConfig, ...wanted } = surface.records;
  same(Object.keys(records), Object.keys(wanted));
  for (const [name, record] of Object.entries(records)) {
    const members = spelled(wanted[name]);
    for (const member of members) assert(member in record, `${name} has no ${member}`);
    const others = Object.getOwnPropertyNames(record).filter((own) => !members.includes(own));
    assert.deepEqual(others, [], name);
  }
  same(await taken((query) => m2m.clients.search({ query: { operands: [], ...query } })), SearchQuery);
  const bad = (args) => new stytch.TokenVerifier({ issuers: [{ ...issuer.config, ...args }] });
  same(await taken(bad), spelled(IssuerConfig, { ...SPELLED, keys: ['jwks_url', 'jwks', 'discovery'] }));
});

/** The literals of a union in the package's types. */
function union(file, name) {
  const types = readFileSync(join(__dirname, '../dist', file), 'utf8');
  const [, literals] = new RegExp(`type ${name} = ([^;]*);`).exec(types);
  return [...literals.matchAll(/'(\w+)'/g)].map(([, literal]) => literal);
}

test('every value is taken or told', async (t) => {
  const { Vertical, TokenProfile, ClientStatus, SearchOperator, SearchFilter, Algorithm, ...others } =
    surface.values;
  const project_id = 'project-test-1';
  for (const vertical of Vertical) stytch.IssuerConfig.stytch({ project_id, vertical });
  const jwks_url = 'https://example.com/jwks';
  const accepts = (args) =>
    new stytch.TokenVerifier({ issuers: [{ issuers: ['a'], audiences: ['b'], jwks_url, ...args }] });
  for (const profile of TokenProfile) accepts({ profile });
  accepts({ algorithms: Algorithm });
  same(union('issuer.d.ts', 'Algorithm'), Algorithm);
  const { client_id } = await m2mClient(t);
  // The word for those that this version does not know is received, and never sent.
  const unknown = { client_id, status: 'unknown' };
  await assert.rejects(client.m2m.clients.update(unknown), { code: 'invalid_config' });
  for (const status of ClientStatus.filter((status) => status !== 'unknown')) {
    const { m2m_client } = await client.m2m.clients.update({ client_id, status });
    assert.equal(m2m_client.status, status);
  }
  same(union('records.d.ts', 'ClientStatus'), ClientStatus);
  for (const operator of SearchOperator) {
    const operands = SearchFilter.map((filter_name) => ({ filter_name, filter_value: ['a'] }));
    await client.m2m.clients.search({ query: { operator, operands } });
  }
  const { KeySetState, ...rest } = others;
  same(union('state.d.ts', 'KeySetState'), KeySetState);
  assert.deepEqual(rest, {});
});

test('every code, detail and reason is there', () => {
  const errors = native.sampleErrors().map(toError);
  same(errors.map(({ code }) => code), surface.errors.codes);
  same(union('errors.d.ts', 'ErrorCode'), surface.errors.codes);
  for (const error of errors) {
    const known = Object.getOwnPropertyNames(error).filter((name) => name !== 'stack');
    same(known, spelled(surface.errors.details), error.code);
  }
  same(union('errors.d.ts', 'InvalidTokenReason'), surface.errors.invalid_token_reasons);
});
