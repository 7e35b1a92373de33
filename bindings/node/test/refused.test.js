// What an operator hears of a refusal, in each guard.
'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const test = require('node:test');
const { inspect } = require('node:util');
const express = require('express');
const fastify = require('fastify');
require('reflect-metadata');
const { Controller, Get, Module, UseGuards } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { FastifyAdapter } = require('@nestjs/platform-fastify');
const { requireToken } = require('stytch-m2m/express');
const { stytchM2M } = require('stytch-m2m/fastify');
const { TokenGuard } = require('stytch-m2m/nest');
const { Issuer, closedPort, stytch } = require('./support');

const issuer = new Issuer();
const verifier = new stytch.TokenVerifier({ issuers: [issuer.config] });

/** A service in each framework, whose only route `/orders` asks for the scope `read:orders`. */
const SERVICES = {
  async express(t, settings) {
    const app = express();
    app.get('/orders', requireToken({ ...settings, required_scopes: ['read:orders'] }), (_req, res) => res.end());
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    return `http://127.0.0.1:${server.address().port}`;
  },
  async fastify(t, settings) {
    const app = await fastify().register(stytchM2M, settings);
    t.after(() => app.close());
    app.get('/orders', { onRequest: app.requireToken({ required_scopes: ['read:orders'] }) }, async () => ({}));
    return app.listen({ port: 0, host: '127.0.0.1' });
  },
  nest: (t, settings) => nest(t, settings),
  'nest on fastify': (t, settings) => nest(t, settings, new FastifyAdapter()),
};

async function nest(t, settings, ...adapter) {
  class Orders {
    all() {}
  }
  const method = Object.getOwnPropertyDescriptor(Orders.prototype, 'all');
  Get('/orders')(Orders.prototype, 'all', method);
  UseGuards(new TokenGuard({ ...settings, required_scopes: ['read:orders'] }))(Orders.prototype, 'all', method);
  Controller()(Orders);
  class App {}
  Module({ controllers: [Orders] })(App);
  const app = await NestFactory.create(App, ...adapter, { logger: false });
  t.after(() => app.close());
  await app.listen(0, '127.0.0.1');
  return `http://127.0.0.1:${app.getHttpServer().address().port}`;
}

for (const [name, start] of Object.entries(SERVICES)) {
  test(`first day 4: ${name} tells onRefused why, and the caller no more than a code`, async (t) => {
    const told = [];
    const onRefused = (error, request) => told.push([error, request.url]);
    const origin = await start(t, { verifier, onRefused });
    const status = async (headers) => (await fetch(`${origin}/orders`, { headers })).status;
    const bearer = (token) => ({ authorization: `Bearer ${token}` });
    const expired = issuer.sign({ exp: 1 });
    assert.equal(await status(bearer(issuer.sign({ scope: 'read:orders' }))), 200);
    assert.deepEqual(told, []);
    assert.equal(await status({}), 401);
    assert.equal(await status(bearer(expired)), 401);
    assert.equal(await status(bearer(issuer.sign({ aud: 'canary-audience' }))), 401);
    assert.equal(await status(bearer(issuer.sign())), 403);
    const why = told.map(([{ code, reason, claim, missing_scopes }]) => [code, reason ?? missing_scopes, claim]);
    assert.deepEqual(why, [
      ['invalid_token', 'missing', undefined],
      ['invalid_token', 'expired', 'exp'],
      ['invalid_token', 'claim_invalid', 'aud'],
      ['insufficient_scope', ['read:orders'], undefined],
    ]);
    for (const [error, url] of told) {
      assert(error instanceof stytch.StytchM2MError);
      assert.equal(url, '/orders');
      for (const secret of [expired, 'canary-audience']) assert(!inspect(error, { showHidden: true }).includes(secret));
    }
  });

  test(`first day 4: ${name} answers alike whatever onRefused does`, async (t) => {
    const warnings = [];
    const warned = (warning) => warnings.push(warning.message);
    process.on('warning', warned);
    t.after(() => process.off('warning', warned));
    const { jwks: _, ...byUrl } = { ...issuer.config, jwks_url: await closedPort() };
    const keyless = new stytch.TokenVerifier({ issuers: [byUrl] });
    const told = [];
    const ways = [
      (error) => void told.push(error.code),
      () => {
        throw new TypeError('no logger');
      },
      async () => {
        throw new TypeError('no connection');
      },
      () => new Promise(() => {}),
      () => true,
    ];
    for (const onRefused of ways) {
      const origin = await start(t, { verifier: keyless, onRefused });
      const response = await fetch(`${origin}/orders`, { headers: { authorization: `Bearer ${issuer.sign()}` } });
      assert.deepEqual([response.status, await response.text()], [503, '{"error":"keys_unavailable"}']);
    }
    assert.deepEqual(told, ['keys_unavailable']);
    const expected = ['onRefused threw TypeError: no logger', 'onRefused threw TypeError: no connection'];
    assert.deepEqual(warnings.filter((text) => text.startsWith('onRefused')), expected);
  });
}

test('first day 5: the property with the claims, and the decorator, can be others', async (t) => {
  const headers = { authorization: `Bearer ${issuer.sign()}` };
  const app = express();
  const property = 'm2m';
  app.get('/', requireToken({ verifier, property }), (req, res) => res.json([req.m2m.client_id, 'm2mClaims' in req, 'auth' in req]));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const answer = await fetch(`http://127.0.0.1:${server.address().port}`, { headers });
  assert.deepEqual(await answer.json(), ['a-client', false, false]);

  const two = fastify();
  t.after(() => two.close());
  await two.register(stytchM2M, { verifier });
  const other = new Issuer();
  const partners = new stytch.TokenVerifier({ issuers: [other.config] });
  await two.register(stytchM2M, { verifier: partners, property: 'partner', decorator: 'requirePartner' });
  two.get('/ours', { onRequest: two.requireToken() }, async (request) => [request.m2mClaims.client_id, request.partner]);
  two.get('/theirs', { onRequest: two.requirePartner() }, async (request) => [request.m2mClaims, request.partner.client_id]);
  const get = async (url, token) => (await two.inject({ url, headers: { authorization: `Bearer ${token}` } })).json();
  assert.deepEqual(await get('/ours', issuer.sign()), ['a-client', null]);
  assert.deepEqual(await get('/theirs', other.sign({ sub: 'a-partner' })), [null, 'a-partner']);
  assert.deepEqual(await get('/theirs', issuer.sign()), { error: 'invalid_token' });

  const request = { headers, rawHeaders: [] };
  const host = { getType: () => 'http', switchToHttp: () => ({ getRequest: () => request }) };
  assert.equal(await new TokenGuard({ verifier, property: 'caller' }).canActivate(host), true);
  assert.equal(request.caller.client_id, 'a-client');

  for (const bad of ['', 'two words', 'headers', '__proto__', 'constructor', 7]) {
    const wrong = { code: 'invalid_config', field: 'property' };
    assert.throws(() => requireToken({ verifier, property: bad }), wrong);
    assert.throws(() => new TokenGuard({ verifier, property: bad }), wrong);
  }
});
