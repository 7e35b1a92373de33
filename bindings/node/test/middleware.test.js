'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const http = require('node:http');
const test = require('node:test');
const express = require('express');
const fastify = require('fastify');
require('reflect-metadata');
const { Catch, Controller, Get, HttpException, Module, Req, UseGuards } = require('@nestjs/common');
const { BaseExceptionFilter, NestFactory } = require('@nestjs/core');
const { FastifyAdapter } = require('@nestjs/platform-fastify');
const { ExecutionContextHost } = require('@nestjs/core/helpers/execution-context-host');
const { requireToken } = require('stytch-m2m/express');
const { stytchM2M } = require('stytch-m2m/fastify');
const { TokenGuard } = require('stytch-m2m/nest');
const { Issuer, closedPort, stytch } = require('./support');

const { ANY_ORGANIZATION } = stytch;

const issuer = new Issuer();
const verifier = new stytch.TokenVerifier({ issuers: [issuer.config] });

/** What `/users` asks for, if a test says nothing else. */
const READ = { required_scopes: ['read:users'] };

/** The same service in each framework: `/` for all tokens, `/users` for those that `users` lets in. */
const SERVICES = {
  async express(t, verifier, users = READ) {
    const app = express();
    app.get('/', requireToken({ verifier }), (req, res) => res.json(req.m2mClaims));
    app.get('/users', requireToken({ verifier, ...users }), (req, res) => {
      res.json(req.m2mClaims);
    });
    app.use((error, _req, res, _next) => res.status(500).json({ code: error.code }));
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    return `http://127.0.0.1:${server.address().port}`;
  },
  async fastify(t, verifier, users = READ) {
    const app = fastify();
    t.after(() => app.close());
    app.setErrorHandler((error, _request, reply) => reply.code(500).send({ code: error.code }));
    app.register(stytchM2M, { verifier });
    app.after(() => {
      app.get('/', { onRequest: app.requireToken() }, async (request) => request.m2mClaims);
      const onRequest = app.requireToken(users);
      app.get('/users', { onRequest }, async (request) => request.m2mClaims);
    });
    return app.listen({ port: 0, host: '127.0.0.1' });
  },
  async nest(t, verifier, users = READ) {
    const app = await NestFactory.create(nestModule(verifier, users), { logger: false });
    t.after(() => app.close());
    await app.listen(0, '127.0.0.1');
    return `http://127.0.0.1:${app.getHttpServer().address().port}`;
  },
  async 'nest on fastify'(t, verifier, users = READ) {
    const app = await NestFactory.create(nestModule(verifier, users), new FastifyAdapter(), { logger: false });
    t.after(() => app.close());
    await app.listen(0, '127.0.0.1');
    return `http://127.0.0.1:${app.getHttpServer().address().port}`;
  },
};

/** What TypeScript's decorators would write. */
function nestModule(verifier, users) {
  class Users {
    all(request) {
      return request.m2mClaims;
    }
    some(request) {
      return request.m2mClaims;
    }
  }
  for (const [name, path, args] of [['all', '/', {}], ['some', '/users', users]]) {
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
      if (error.code === 'mine') host.switchToHttp().getResponse().status(500).send({ code: 'mine' });
      else super.catch(error, host);
    }
  }
  Catch()(Filter);
  const filter = { provide: 'APP_FILTER', useClass: Filter };
  Module({ controllers: [Users], providers: [filter] })(App);
  return App;
}

for (const [name, start] of Object.entries(SERVICES)) {
  test(`${name}: good tokens pass with their claims, others are told why not`, async (t) => {
    const url = await start(t, verifier);
    const get = async (path, authorization) => {
      const headers = authorization === undefined ? {} : { authorization };
      const response = await fetch(url + path, { headers });
      const challenge = response.headers.get('www-authenticate');
      if (response.status !== 200) {
        assert.equal(response.headers.get('cache-control'), 'no-store');
        // Nest answers by its framework's own way, which adds a charset.
        assert.match(response.headers.get('content-type'), /^application\/json(; charset=utf-8)?$/);
        const text = await response.text();
        return { status: response.status, challenge, body: text };
      }
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
    assert.deepEqual(lacking, { status: 403, challenge, body: '{"error":"insufficient_scope"}' });

    const body = '{"error":"invalid_token"}';
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
    assert.deepEqual(await response.text(), '{"error":"keys_unavailable"}');
    assert.match(response.headers.get('retry-after') ?? '1', /^[1-9]\d*$/);
    assert.equal(response.headers.get('www-authenticate'), null);

    const broken = { authenticateToken: () => Promise.reject(Object.assign(new Error(), { code: 'mine' })) };
    const failed = await fetch(await start(t, broken), { headers });
    assert.deepEqual([failed.status, await failed.json()], [500, { code: 'mine' }]);
  });
}

for (const [name, start] of Object.entries(SERVICES)) {
  test(`${name}: two Authorization headers are refused, whichever comes first`, async (t) => {
    const url = await start(t, verifier);
    const good = `Bearer ${issuer.sign()}`;
    const status = async (...values) => {
      // One after the other, which `fetch` does not send.
      const sent = http.request(url, { headers: ['Host', 'x', ...values.flatMap((v) => ['Authorization', v])] });
      const [response] = await once(sent.end(), 'response');
      response.resume();
      return response.statusCode;
    };
    assert.equal(await status(good), 200);
    for (const other of [good, 'Bearer x', 'Basic dXNlcjpwYXNz', '']) {
      assert.deepEqual([await status(good, other), await status(other, good)], [401, 401], other);
    }
    assert.equal(await status(`${good}, ${good}`), 401);
  });
}

test('a header that the application has put in place of the one sent is the one that counts', async (t) => {
  const app = express();
  app.use((req, _res, next) => {
    req.headers.authorization = `Bearer ${issuer.sign()}`;
    next();
  });
  app.get('/', requireToken({ verifier }), (_, res) => res.end());
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const url = `http://127.0.0.1:${server.address().port}`;
  assert.equal((await fetch(url)).status, 200);
  assert.equal((await fetch(url, { headers: { authorization: 'Basic dXNlcjpwYXNz' } })).status, 200);
});

test('nest: a guard finds the request of a GraphQL or Socket.IO call, or refuses', async () => {
  const guard = new TokenGuard({ verifier });
  const context = (type, args) => {
    const host = new ExecutionContextHost(args);
    host.setType(type);
    return host;
  };
  const request = () => ({ headers: { authorization: `Bearer ${issuer.sign()}` }, rawHeaders: [] });
  const named = (name) => ({ [name]: request() });
  for (const [type, args, find] of [
    ['graphql', [{}, {}, named('req'), {}], (args) => args[2].req],
    ['graphql', [{}, {}, named('request'), {}], (args) => args[2].request],
    ['ws', [named('request'), {}], (args) => args[0].request],
  ]) {
    assert.equal(await guard.canActivate(context(type, args)), true);
    assert.equal(find(args).m2mClaims.client_id, 'a-client');
  }
  const twice = ['Authorization', 'Bearer x', 'authorization', 'Bearer y'];
  for (const [type, args] of [
    ['graphql', [{}, {}, {}, {}]],
    ['graphql', [{}, {}, undefined, {}]],
    ['graphql', [{}, {}, { req: null }, {}]],
    ['graphql', [{}, {}, { req: { headers: request().headers, rawHeaders: twice } }, {}]],
    ['rpc', [{}, {}]],
    ['rpc', []],
    ['ws', [{}, {}]],
    ['ws', []],
    ['another', []],
  ]) {
    await assert.rejects(guard.canActivate(context(type, args)), (error) => {
      assert(error instanceof HttpException, String(error));
      assert.deepEqual([error.getStatus(), error.getResponse()], [401, { error: 'invalid_token' }]);
      assert.equal(error.message, 'invalid_token');
      return true;
    });
  }
});

test('express: a refusal comes too late where another middleware has answered, and does no harm', async (t) => {
  const refuse = requireToken({ verifier });
  // As Connect does, which looks at no promise.
  let passed = 0;
  const outcomes = [];
  const server = http.createServer((request, response) => {
    response.writeHead(503).end('too slow');
    outcomes.push(refuse(request, response, () => (passed += 1)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { status } = await fetch(`http://127.0.0.1:${server.address().port}/`);
  await Promise.all(outcomes);
  assert.deepEqual([status, outcomes.length, passed], [503, 1, 0]);
});

test('fastify: options that the plugin would ignore are refused, except Fastify\'s own', async () => {
  const register = async (options) => fastify().register(stytchM2M, options);
  const wrong = { code: 'invalid_config', field: 'required_scopes' };
  await assert.rejects(register({ verifier, required_scopes: ['read:users'] }), wrong);
  await assert.rejects(register({ verifier, authorize: () => true }), { field: 'authorize' });
  await register({ verifier, prefix: '/api', logLevel: 'warn', logSerializers: {} });
});

test('wrong arguments are found when the routes are made', async () => {
  const check = (field) => ({ code: 'invalid_config', field });
  assert.throws(() => requireToken({}), check('verifier'));
  assert.throws(() => requireToken({ verifier: {} }), check('verifier'));
  assert.throws(() => requireToken({ verifier, scope: 'x' }), check('scope'));
  assert.throws(() => new TokenGuard({ required_scopes: [] }), check('verifier'));
  assert.throws(() => requireToken({ verifier, required_scopes: ['two words'] }), check('required_scopes'));
  assert.throws(() => requireToken({ verifier, clock_tolerance_seconds: 301 }), check('clock_tolerance_seconds'));
  const app = fastify();
  await assert.rejects(async () => app.register(stytchM2M, {}), check('verifier'));
  const good = await fastify().register(stytchM2M, { verifier });
  assert.throws(() => good.requireToken({ scope: 'x' }), check('scope'));
});

for (const [name, start] of Object.entries(SERVICES)) {
  test(`${name}: a rule of one's own replaces the comparison of scopes`, async (t) => {
    const asked = [];
    const holdsAny = async (claims, required_scopes) => {
      asked.push([claims.client_id, ...required_scopes]);
      return claims.missingScopes(required_scopes).length < required_scopes.length;
    };
    const required_scopes = ['read:users', 'write:users'];
    const url = await start(t, verifier, { required_scopes, authorize: holdsAny });
    const get = async (scope) => {
      const response = await fetch(`${url}/users`, {
        headers: { authorization: `Bearer ${issuer.sign({ scope })}` },
      });
      return [response.status, response.headers.get('www-authenticate')];
    };
    assert.deepEqual(await get('write:users'), [200, null]);
    assert.deepEqual(await get('read:users'), [200, null]);
    const challenge = 'Bearer error="insufficient_scope", scope="read:users write:users"';
    assert.deepEqual(await get('read:news'), [403, challenge]);
    assert.deepEqual(asked, Array(3).fill(['a-client', ...required_scopes]));
  });

  test(`${name}: a limit of age and a leeway of a route reach the verifier`, async (t) => {
    const url = await start(t, verifier, { max_token_age_seconds: 100, clock_tolerance_seconds: 30 });
    const now = Math.floor(Date.now() / 1000);
    const status = async (claims) => {
      const headers = { authorization: `Bearer ${issuer.sign(claims)}` };
      return (await fetch(`${url}/users`, { headers })).status;
    };
    assert.equal(await status({ exp: now - 10 }), 200);
    assert.equal(await status({ iat: now - 200 }), 401);
  });
}

/** The same service in each framework, with a customer in its path. */
const TENANTS = {
  async express(t, users) {
    const app = express();
    app.get('/:tenant/users', requireToken({ verifier, ...users }), (req, res) => res.json(req.m2mClaims.organization));
    app.use((error, _req, res, _next) => res.status(500).end(error.message));
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    return `http://127.0.0.1:${server.address().port}`;
  },
  async fastify(t, users) {
    const app = fastify();
    t.after(() => app.close());
    app.register(stytchM2M, { verifier });
    app.after(() => {
      app.get('/:tenant/users', { onRequest: app.requireToken(users) }, async (request) => {
        return JSON.stringify(request.m2mClaims.organization);
      });
    });
    return app.listen({ port: 0, host: '127.0.0.1' });
  },
  async nest(t, users) {
    class Users {
      some(request) {
        return JSON.stringify(request.m2mClaims.organization);
      }
    }
    const method = Object.getOwnPropertyDescriptor(Users.prototype, 'some');
    Get('/:tenant/users')(Users.prototype, 'some', method);
    UseGuards(new TokenGuard({ verifier, ...users }))(Users.prototype, 'some', method);
    Req()(Users.prototype, 'some', 0);
    Controller()(Users);
    class App {}
    Module({ controllers: [Users] })(App);
    const app = await NestFactory.create(App, { logger: false });
    t.after(() => app.close());
    await app.listen(0, '127.0.0.1');
    return `http://127.0.0.1:${app.getHttpServer().address().port}`;
  },
};

for (const [name, start] of Object.entries(TENANTS)) {
  test(`${name}: the organization is taken from the path, a header or a function`, async (t) => {
    const acme = issuer.sign({ org_id: 'acme' });
    const nobodys = issuer.sign();
    const status = async (organization, token, tenant = 'acme', headers = {}) => {
      const url = await start(t, { organization });
      const response = await fetch(`${url}/${tenant}/users`, {
        headers: { ...headers, authorization: `Bearer ${token}` },
      });
      const body = await response.text();
      if (response.status === 200) assert.equal(body, '"acme"');
      if (response.status === 403) assert.equal(body, '{"error":"insufficient_scope"}');
      return response.status;
    };
    const path = { path: 'tenant' };
    assert.equal(await status(path, acme), 200);
    for (const other of ['globex', 'Acme', 'acme%20']) assert.equal(await status(path, acme, other), 403);
    assert.equal(await status(path, nobodys), 403);
    assert.equal(await status({ path: 'organization' }, acme), 500);

    const header = { header: 'X-Tenant' };
    assert.equal(await status(header, acme, 'x', { 'x-tenant': 'acme' }), 200);
    assert.equal(await status(header, acme, 'x', { 'x-tenant': 'globex' }), 403);
    assert.equal(await status(header, acme, 'x', { 'x-tenant': '' }), 403);
    assert.equal(await status(header, acme), 403);

    assert.equal(await status(async (request) => request.params.tenant, acme), 200);
    assert.equal(await status((request) => request.params.tenant, acme, 'globex'), 403);
    assert.equal(await status((request) => request.query?.tenant, acme), 403);
    assert.equal(await status(() => null, nobodys), 403);
    assert.equal(await status(() => 7, acme), 500);

    assert.equal(await status(ANY_ORGANIZATION, acme), 200);
    assert.equal(await status(ANY_ORGANIZATION, nobodys), 403);
    assert.equal(await status('acme', acme), 200);
    assert.equal(await status('globex', acme), 403);
  });
}

test('a header with the organization that is there twice is refused', async (t) => {
  const url = await TENANTS.express(t, { organization: { header: 'x-tenant' } });
  const status = async (...values) => {
    const headers = ['Host', 'x', 'Authorization', `Bearer ${issuer.sign({ org_id: 'acme' })}`];
    const sent = http.request(`${url}/x/users`, { headers: [...headers, ...values.flatMap((v) => ['X-Tenant', v])] });
    const [response] = await once(sent.end(), 'response');
    response.resume();
    return response.statusCode;
  };
  assert.equal(await status('acme'), 200);
  assert.deepEqual([await status('acme', 'acme'), await status('acme', 'globex')], [403, 403]);
});

test('an organization that is lost, or no organization, is found when the routes are made', () => {
  for (const organization of [undefined, null, '', 7, {}, { path: '' }, { query: 'x' }, { path: 'a', header: 'b' }]) {
    assert.throws(() => requireToken({ verifier, organization }), { code: 'invalid_config', field: 'organization' });
  }
});
