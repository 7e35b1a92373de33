'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { Issuer, client, closedPort, serve, stytch } = require('./support');

const settings = { project_id: 'project-test-1', secret: 'canary-secret', base_url: 'https://example.com' };

function invalid(field) {
  return (error) => {
    assert(error instanceof stytch.InvalidConfigError, String(error));
    assert.equal(error.code, 'invalid_config');
    assert.equal(error.field, field);
    assert.match(error.message, new RegExp(field));
    return true;
  };
}

test('an id and a secret the wrong way round are refused unseen', () => {
  const swapped = [
    [() => new stytch.Client({ project_id: 'secret-test-canary', secret: 'project-test-canary' }), 'project_id'],
    [() => new stytch.B2BClient({ project_id: 'secret-test-canary' }), 'project_id'],
    [() => new stytch.Client({ ...settings, secret: 'project-test-canary' }), 'secret'],
    [() => new stytch.TokenSource({ client_id: 'secret-test-canary', client_secret: 'canary' }), 'client_id'],
    [() => new stytch.TokenSource({ client_id: 'id', client_secret: 'm2m-client-test-canary' }), 'client_secret'],
  ];
  for (const [make, field] of swapped) {
    assert.throws(make, (error) => {
      assert.match(error.message, /the wrong way round/);
      assert.doesNotMatch(`${error.stack}`.replace(/^ +at .*$/gm, ''), /canary/);
      return invalid(field)(error);
    });
  }
});

test('a bad setting is named, by the constructor', () => {
  const cases = [
    [{ project: 'x' }, 'project'],
    [{ projectId: 'x' }, 'projectId'],
    [{ toString: 'x' }, 'toString'],
    [{ project_id: '' }, 'project_id'],
    [{ project_id: 'a/b' }, 'project_id'],
    [{ project_id: 7 }, 'project_id'],
    [{ secret: '' }, 'secret'],
    [{ secret: 'line\nbreak' }, 'secret'],
    [{ base_url: '' }, 'base_url'],
    [{ base_url: 'http://api.example.com' }, 'base_url'],
    [{ base_url: 'example.com' }, 'base_url'],
    [{ base_url: 'https://example.com/path' }, 'base_url'],
    [{ vertical: 'b2c' }, 'vertical'],
    [{ total_timeout_seconds: 0 }, 'total_timeout_seconds'],
    [{ total_timeout_seconds: -1 }, 'total_timeout_seconds'],
    [{ attempt_timeout_seconds: NaN }, 'attempt_timeout_seconds'],
    [{ connect_timeout_seconds: '3' }, 'connect_timeout_seconds'],
  ];
  for (const [bad, field] of cases) {
    assert.throws(() => new stytch.Client({ ...settings, ...bad }), invalid(field));
  }
  assert.throws(() => new stytch.B2BClient({ ...settings, secrets: 'x' }), invalid('secrets'));
  const credential = { client_id: 'id', client_secret: 'secret' };
  assert.throws(() => new stytch.TokenSource({ client_id: 'id' }), invalid('client_secret'));
  assert.throws(() => new stytch.TokenSource({ ...credential, scope: 'x' }), invalid('scope'));
  assert.throws(
    () => new stytch.TokenSource({ ...credential, project_id: 'project-test-1', token_url: 'https://a' }),
    invalid('token_url'),
  );
  assert.throws(() => new stytch.TokenVerifier({ issuers: [] }), invalid('issuers'));
  const { config } = new Issuer();
  for (const [bad, field] of [
    [{ algorithms: ['HS256'] }, 'algorithms'],
    [{ audiences: [] }, 'audiences'],
    [{ profile: 'okta' }, 'profile'],
    [{ jwks_url: 'https://example.com/jwks' }, 'jwks_url'],
    [{ audience: 'x' }, 'audience'],
  ]) {
    assert.throws(() => new stytch.TokenVerifier({ issuers: [{ ...config, ...bad }] }), invalid(field));
  }
});

test('missing settings come from the environment, and are named where they are nowhere', (t) => {
  const { STYTCH_PROJECT_ID } = process.env;
  assert.equal(new stytch.Client().project_id, STYTCH_PROJECT_ID);
  assert.equal(new stytch.Client({ project_id: undefined }).project_id, STYTCH_PROJECT_ID);
  delete process.env.STYTCH_PROJECT_ID;
  t.after(() => (process.env.STYTCH_PROJECT_ID = STYTCH_PROJECT_ID));
  assert.throws(() => new stytch.Client(), invalid('project_id'));
});

test('an environment variable that is empty counts as not set', async (t) => {
  const { STYTCH_PROJECT_ID, STYTCH_SECRET, STYTCH_BASE_URL } = process.env;
  t.after(() => Object.assign(process.env, { STYTCH_PROJECT_ID, STYTCH_SECRET, STYTCH_BASE_URL }));
  Object.assign(process.env, { STYTCH_PROJECT_ID: '', STYTCH_SECRET: '', STYTCH_BASE_URL: '' });
  const missing = { code: 'invalid_config', field: 'project_id', message: /project_id is missing/ };
  assert.throws(() => new stytch.Client(), missing);
  assert.throws(() => new stytch.TokenSource({ client_id: 'id', client_secret: 'x' }), missing);
  const { m2m } = new stytch.Client({ project_id: 'project-test-1' });
  await assert.rejects(m2m.clients.get({ client_id: 'id' }), { field: 'secret', message: /secret is missing/ });
  // A setting that is given counts, empty or not.
  assert.throws(() => new stytch.Client({ project_id: '' }), invalid('project_id'));
});

test('a bad argument is named before any request', async (t) => {
  let requests = 0;
  const base_url = await serve(t, (_, response) => {
    requests += 1;
    response.writeHead(500).end();
  });
  const { m2m } = new stytch.Client({ ...settings, base_url });
  const { clients } = m2m;
  const grant = { client_id: 'id', client_secret: 'secret' };
  const cases = [
    [() => m2m.token(), 'arguments'],
    [() => m2m.token({ client_id: 'id' }), 'client_secret'],
    [() => m2m.token({ ...grant, scope: 'read' }), 'scope'],
    [() => m2m.token({ ...grant, scopes: 'read' }), 'scopes'],
    [() => m2m.token({ ...grant, scopes: ['two words'] }), 'scopes'],
    [() => m2m.token({ ...grant, extra: { grant_type: 'x' } }), 'extra'],
    [() => m2m.token({ ...grant, extra: { n: 1 } }), 'extra'],
    [() => m2m.token({ ...grant, signal: {} }), 'signal'],
    [() => clients.get({ client_id: '' }), 'client_id'],
    [() => clients.get({ client_id: '..' }), 'client_id'],
    [() => clients.create({}), 'scopes'],
    [() => clients.create({ scopes: [1] }), 'scopes'],
    [() => clients.create({ scopes: [], trusted_metadata: [] }), 'trusted_metadata'],
    [() => clients.create({ scopes: [], trusted_metadata: { toJSON: () => undefined } }), 'trusted_metadata'],
    [() => clients.update({ client_id: 'id', status: 'gone' }), 'status'],
    [() => clients.update({ client_id: 'id', state: 'active' }), 'state'],
    [() => clients.search({ limit: -1 }), 'limit'],
    [() => clients.search({ limit: 2 ** 32 }), 'limit'],
    [() => clients.search({ query: { operands: [{ filter_name: 'x', filter_value: [] }] } }), 'filter_name'],
    [() => clients.search({ query: { operator: 'XOR', operands: [] } }), 'operator'],
    [async () => clients.searchAll({ cursor: 'x' }), 'cursor'],
    [() => clients.secrets.rotate({ id: 'x' }), 'id'],
    [() => m2m.authenticateToken({}), 'access_token'],
    [() => m2m.authenticateToken({ access_token: Buffer.from('x') }), 'access_token'],
    [() => m2m.authenticateToken({ access_token: 'x', required_scope: 'y' }), 'required_scope'],
    [() => m2m.authenticateToken({ access_token: 'x', max_token_age_seconds: -1 }), 'max_token_age_seconds'],
    [() => m2m.authenticateToken({ access_token: 'x', clock_tolerance_seconds: 301 }), 'clock_tolerance_seconds'],
    [() => m2m.authenticateToken({ access_token: 'x', authorize: true }), 'authorize'],
  ];
  for (const [call, field] of cases) await assert.rejects(call, invalid(field));
  assert.equal(requests, 0);
});

test('a server that is not there is a network error', async () => {
  const { m2m } = new stytch.Client({ ...settings, base_url: await closedPort() });
  await assert.rejects(m2m.clients.get({ client_id: 'id' }), stytch.NetworkError);
  await assert.rejects(m2m.clients.create({ scopes: [] }), stytch.NetworkError);
  const { access_token } = { access_token: new Issuer().sign({ iss: 'stytch.com/project-test-1' }) };
  await assert.rejects(m2m.authenticateToken({ access_token }), stytch.KeysUnavailableError);
});

test('a server that answers HTML is an unexpected response, or an unknown outcome', async (t) => {
  const base_url = await serve(t, (_, response) =>
    response.writeHead(502, { 'content-type': 'text/html' }).end('<html>canary body</html>'),
  );
  const { m2m } = new stytch.Client({ ...settings, base_url });
  const check = (code) => (error) => {
    assert.equal(error.code, code);
    assert.equal(error.status_code, 502);
    assert.doesNotMatch(`${error.stack}${JSON.stringify(error)}`, /canary/);
    return true;
  };
  await assert.rejects(m2m.clients.delete({ client_id: 'id' }), (error) => {
    assert(['unexpected_response', 'service'].includes(error.code), error.code);
    return check(error.code)(error);
  });
  await assert.rejects(m2m.clients.create({ scopes: [] }), check('outcome_unknown'));
});

test('management without a secret says what to set', async (t) => {
  const { STYTCH_SECRET } = process.env;
  delete process.env.STYTCH_SECRET;
  t.after(() => (process.env.STYTCH_SECRET = STYTCH_SECRET));
  const { m2m } = new stytch.Client();
  await assert.rejects(m2m.clients.get({ client_id: 'id' }), invalid('secret'));
  assert.equal(client.project_id, process.env.STYTCH_PROJECT_ID);
});
