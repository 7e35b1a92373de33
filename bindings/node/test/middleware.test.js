'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const test = require('node:test');
const express = require('express');
const fastify = require('fastify');
require('reflect-metadata');
const { Catch, Controller, Get, Module, Req, UseGuards } = require('@nestjs/common');
const { BaseExceptionFilter, NestFactory } = require('@nestjs/core');
const { requireToken } = require('stytch-m2m/express');
const { stytchM2M } = require('stytch-m2m/fastify');
const { TokenGuard } = require('stytch-m2m/nest');
const { Issuer, closedPort, stytch } = require('./support');

const issuer = new Issuer();
const verifier = new stytch.TokenVerifier({ issuers: [issuer.config] });

/** The same service in each framework: `/` for all tokens, `/users` for `read:users`. */
const SERVICES = {
  async express(t, verifier) {
    const app = express();
    app.get('/', requireToken({ verifier }), (req, res) => res.json(req.auth));
    app.get('/users', requireToken({ verifier, scopes: ['read:users'] }), (req, res) => {
      res.json(req.auth);
    });
    app.use((error, _req, res, _next) => res.status(500).json({ code: error.code }));
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    return `http://127.0.0.1:${server.address().port}`;
  },
  async fastify(t, verifier) {
    const app = fastify();
    t.after(() => app.close());
    app.setErrorHandler((error, _request, reply) => reply.code(500).send({ code: error.code }));
    app.register(stytchM2M, { verifier });
    app.after(() => {
      app.get('/', { onRequest: app.requireToken() }, async (request) => request.auth);
      const onRequest = app.requireToken({ scopes: ['read:users'] });
      app.get('/users', { onRequest }, async (request) => request.auth);
    });
    return app.listen({ port: 0, host: '127.0.0.1' });
  },
  async nest(t, verifier) {
    const app = await NestFactory.create(nestModule(verifier), { logger: false });
    t.after(() => app.close());
    await app.listen(0, '127.0.0.1');
    return `http://127.0.0.1:${app.getHttpServer().address().port}`;
  },
};

/** What TypeScript's decorators would write. */
function nestModule(verifier) {
  class Users {
    all(request) {
      return request.auth;
    }
    some(request) {
      return request.auth;
    }
  }
  for (const [name, path, args] of [['all', '/', {}], ['some', '/users', { scopes: ['read:users'] }]]) {
    const method = Object.getOwnPropertyDescriptor(Users.prototype, name);
    Get(path)(Users.prototype, name, method);
    UseGuards(new TokenGuard({ verifier, ...args }))(Users.prototype, name, method);
    Req()(Users.prototype, name, 0);
  }
  Controller()(Users);
  class App {}
  class Filter extends BaseExceptionFilter {
    catch(error, host) {
      // As the other services: what is not about a token is the application's.
      if (error.code === 'mine') host.switchToHttp().getResponse().status(500).json({ code: 'mine' });
      else super.catch(error, host);
    }
  }
  Catch()(Filter);
  const filter = { provide: 'APP_FILTER', useClass: Filter };
  Module({ controllers: [Users], providers: [filter] })(App);
  return App;
}

/** A refusal's body, in the framework's own shape. */
function bodyOf(name, status, error) {
  return name === 'nest' ? { statusCode: status, message: error } : { error };
}

for (const [name, start] of Object.entries(SERVICES)) {
  test(`${name}: good tokens pass with their claims, others are told why not`, async (t) => {
    const url = await start(t, verifier);
    const get = async (path, authorization) => {
      const headers = authorization === undefined ? {} : { authorization };
      const response = await fetch(url + path, { headers });
      const challenge = response.headers.get('www-authenticate');
      return { status: response.status, challenge, body: await response.json() };
    };
    const plain = issuer.sign();
    const scoped = issuer.sign({ scope: 'read:users' });

    const passed = await get('/users', `Bearer ${scoped}`);
    assert.equal(passed.status, 200);
    assert.deepEqual([passed.body.client_id, passed.body.scopes], ['a-client', ['read:users']]);
    assert.equal((await get('/', `bearer ${plain}`)).status, 200);

    const challenge = 'Bearer error="insufficient_scope", scope="read:users"';
    const lacking = await get('/users', `Bearer ${plain}`);
    assert.deepEqual(lacking, { status: 403, challenge, body: bodyOf(name, 403, 'insufficient_scope') });

    const body = bodyOf(name, 401, 'invalid_token');
    const none = { status: 401, challenge: 'Bearer', body };
    for (const header of [undefined, 'Basic dXNlcjpwYXNz']) {
      assert.deepEqual(await get('/', header), none);
    }
    const invalid = 'Bearer error="invalid_token"';
    const refused = { status: 401, challenge: invalid, body };
    for (const header of ['Bearer', `Bearer ${plain} ${plain}`]) {
      assert.deepEqual(await get('/', header), refused);
    }
    for (const token of [issuer.sign({ exp: 1 }), `${plain}x`, new Issuer().sign(), 'x']) {
      assert.deepEqual(await get('/', `Bearer ${token}`), refused);
    }
  });

  test(`${name}: without keys the answer is 503, and other errors are the application's`, async (t) => {
    const { jwks: _, ...byUrl } = { ...issuer.config, jwks_url: await closedPort() };
    const keyless = new stytch.TokenVerifier({ issuers: [byUrl] });
    const headers = { authorization: `Bearer ${issuer.sign()}` };
    const response = await fetch(await start(t, keyless), { headers });
    assert.equal(response.status, 503);
    assert.deepEqual(await response.json(), bodyOf(name, 503, 'keys_unavailable'));
    assert.equal(response.headers.get('www-authenticate'), null);

    const broken = { authenticateToken: () => Promise.reject(Object.assign(new Error(), { code: 'mine' })) };
    const failed = await fetch(await start(t, broken), { headers });
    assert.deepEqual([failed.status, await failed.json()], [500, { code: 'mine' }]);
  });
}

test('wrong arguments are found when the routes are made', async () => {
  const check = (field) => ({ code: 'invalid_config', field });
  assert.throws(() => requireToken({}), check('verifier'));
  assert.throws(() => requireToken({ verifier: {} }), check('verifier'));
  assert.throws(() => requireToken({ verifier, scope: 'x' }), check('scope'));
  assert.throws(() => new TokenGuard({ scopes: [] }), check('verifier'));
  assert.throws(() => requireToken({ verifier, scopes: ['two words'] }), check('scopes'));
  const app = fastify();
  await assert.rejects(async () => app.register(stytchM2M, {}), check('verifier'));
  const good = await fastify().register(stytchM2M, { verifier });
  assert.throws(() => good.requireToken({ scope: 'x' }), check('scope'));
});

test('authorize and an age limit reach the verifier', async (t) => {
  const app = express();
  const authorize = async (claims) => claims.client_id === 'a-client';
  app.get('/', requireToken({ verifier, authorize, max_token_age_seconds: 100 }), (_, res) => res.end());
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const status = async (claims) => {
    const headers = { authorization: `Bearer ${issuer.sign(claims)}` };
    return (await fetch(`http://127.0.0.1:${server.address().port}`, { headers })).status;
  };
  assert.equal(await status({}), 200);
  assert.equal(await status({ sub: 'another' }), 403);
  assert.equal(await status({ iat: Math.floor(Date.now() / 1000) - 200 }), 401);
});
