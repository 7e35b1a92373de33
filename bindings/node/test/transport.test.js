'use strict';

const assert = require('node:assert/strict');
const http = require('node:http');
const https = require('node:https');
const test = require('node:test');
const { inspect } = require('node:util');
const { certificate } = require('./certificate');
const { Issuer, closedPort, listen, stytch } = require('./support');

const project = { project_id: 'project-test-1' };
const grant = { client_id: 'id', client_secret: 'a-secret' };
const issuer = new Issuer();
const remote = { ...issuer.config, jwks: undefined, jwks_url: 'https://example.com/jwks' };

/** Everything that takes transport settings. */
const SERVICES = {
  Client: (settings) => new stytch.Client({ ...project, ...settings }),
  TokenSource: (settings) => new stytch.TokenSource({ ...project, ...grant, ...settings }),
  TokenVerifier: (settings) => new stytch.TokenVerifier({ issuers: [remote], ...settings }),
};

test('a bad transport setting is named, by the constructor, and never shown', () => {
  const { cert } = certificate('a');
  const { key: otherKey } = certificate('b');
  const cases = [
    [{ extra_ca_pem: 'canary' }, 'extra_ca_pem'],
    [{ extra_ca_pem: '' }, 'extra_ca_pem'],
    [{ extra_ca_pem: 7 }, 'extra_ca_pem'],
    [{ bundled_roots: 'yes' }, 'bundled_roots'],
    [{ client_certificate_pem: 'canary' }, 'client_certificate_pem'],
    [{ client_certificate_pem: cert }, 'client_certificate_pem'],
    [{ client_certificate_pem: cert + otherKey }, 'client_certificate_pem'],
    [{ proxy: 'canary' }, 'proxy'],
    [{ proxy: '' }, 'proxy'],
    [{ proxy: 'ftp://user:canary@127.0.0.1:1' }, 'proxy'],
    [{ max_key_age_seconds: -1 }, 'max_key_age_seconds'],
    [{ max_key_age_seconds: 86_401 }, 'max_key_age_seconds'],
    [{ max_key_age_seconds: Infinity }, 'max_key_age_seconds'],
  ];
  for (const make of Object.values(SERVICES)) {
    for (const [settings, field] of cases) {
      assert.throws(() => make(settings), (error) => {
        assert(error instanceof stytch.InvalidConfigError, inspect(error));
        assert.equal(error.field, field);
        assert(!inspect(error).includes('canary'), inspect(error));
        return true;
      });
    }
    make({ bundled_roots: true, proxy: 'off', max_key_age_seconds: 0 });
    make({ proxy: 'environment' });
    make({ proxy: 'http://user:password@127.0.0.1:1' });
  }
});

/** An HTTPS server of a private authority that asks who is calling. */
async function privateServer(t, authority) {
  const callers = [];
  const options = { ...certificate('server', authority), ca: authority.cert, requestCert: true };
  const handler = (request, response) => {
    callers.push(request.socket.getPeerCertificate()?.subject?.CN);
    const token = { access_token: 'a.b.c', token_type: 'bearer', expires_in: 3600 };
    const answer = request.url.includes('token') ? token : issuer.jwks;
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  };
  const server = https.createServer({ ...options, rejectUnauthorized: false }, handler);
  return { url: `https://127.0.0.1:${await listen(t, server)}`, callers };
}

test('an authority of your own is trusted, and your certificate shown', async (t) => {
  const authority = certificate('authority');
  const { url, callers } = await privateServer(t, authority);
  const caller = certificate('caller', authority);
  const jwks = { ...remote, jwks_url: `${url}/jwks` };
  const calls = {
    Client: (service) => service.m2m.token(grant),
    TokenSource: (service) => service.getToken(),
    TokenVerifier: (service) => service.authenticateToken({ access_token: issuer.sign() }),
  };
  const where = { Client: { base_url: url }, TokenSource: { base_url: url }, TokenVerifier: { issuers: [jwks] } };
  for (const [name, make] of Object.entries(SERVICES)) {
    const settings = { ...where[name], proxy: 'off' };
    await assert.rejects(calls[name](make(settings)), { code: /^(network|keys_unavailable)$/ });
    const bundled = { ...settings, bundled_roots: true };
    await assert.rejects(calls[name](make(bundled)), { code: /^(network|keys_unavailable)$/ });
    assert.deepEqual(callers.splice(0), []);

    await calls[name](make({ ...bundled, extra_ca_pem: authority.cert }));
    const client_certificate_pem = caller.cert + caller.key;
    await calls[name](make({ ...settings, extra_ca_pem: authority.cert, client_certificate_pem }));
    assert.deepEqual(callers.splice(0), [undefined, 'caller']);
  }
});

test('requests go through the proxy that is set, but for those to this machine', async (t) => {
  const seen = [];
  const proxy = http.createServer((request, response) => {
    seen.push([request.url]);
    response.end();
  });
  proxy.on('connect', (request, socket) => {
    seen.push([request.url, request.headers['proxy-authorization']]);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  const { no_proxy, NO_PROXY } = process.env;
  delete process.env.no_proxy;
  delete process.env.NO_PROXY;
  t.after(() => Object.assign(process.env, no_proxy && { no_proxy }, NO_PROXY && { NO_PROXY }));
  const through = new URL(`http://127.0.0.1:${await listen(t, proxy)}`);
  [through.username, through.password] = ['user', 'password'];
  const refused = (jwks_url, proxy) => {
    const verifier = new stytch.TokenVerifier({ issuers: [{ ...remote, jwks_url }], proxy });
    return assert.rejects(verifier.warmUp(), { code: 'keys_unavailable' });
  };
  const authorization = `Basic ${Buffer.from('user:password').toString('base64')}`;
  await refused('https://nowhere.invalid/jwks', through.href);
  assert.notEqual(seen.length, 0);
  for (const ask of seen.splice(0)) assert.deepEqual(ask, ['nowhere.invalid:443', authorization]);
  await refused(`${await closedPort()}/jwks`, through.href);
  await refused('https://nowhere.invalid/jwks', 'off');
  assert.deepEqual(seen, []);
});

test('keys serve no longer than they may', async () => {
  const fetched_at = new Date(Date.now() - 3_600_000);
  const jwks_url = `${await closedPort()}/jwks`;
  const state = (settings) => {
    const verifier = new stytch.TokenVerifier({ issuers: [{ ...remote, jwks_url }], ...settings });
    verifier.seedJwks({ jwks: issuer.jwks, fetched_at });
    return verifier.health()[0].state;
  };
  assert.deepEqual([state({}), state({ max_key_age_seconds: 600 })], ['stale', 'expired']);
});
