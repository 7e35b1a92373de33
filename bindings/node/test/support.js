'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const http = require('node:http');
const crypto = require('node:crypto');

const { keyPair } = require('./keys.js');

for (const name of ['STYTCH_PROJECT_ID', 'STYTCH_SECRET', 'STYTCH_BASE_URL']) {
  if (!process.env[name]) {
    console.error(`${name} is not set: run \`cargo xtask test node\`, or start the emulator`);
    process.exit(1);
  }
}

const stytch = require('stytch-m2m');

/** A client of the emulator. */
const client = new stytch.Client();

/** A new M2M client of the emulator, deleted after the test. */
async function m2mClient(t, args = {}) {
  const { m2m_client } = await client.m2m.clients.create({
    scopes: ['read:users', 'write:users'],
    ...args,
  });
  t.after(() => client.m2m.clients.delete({ client_id: m2m_client.client_id }).catch(() => {}));
  return m2m_client;
}

/** How many token requests the emulator has had for a client. */
async function tokenRequests(client_id) {
  const query = new URLSearchParams({ client_id });
  const response = await fetch(`${process.env.STYTCH_BASE_URL}/_emulator/counts?${query}`);
  return (await response.json()).token;
}

/** The port of loopback at which `server` listens until the test ends. */
async function listen(t, server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return server.address().port;
}

/** A real server on loopback, closed after the test. */
async function serve(t, handler) {
  return `http://127.0.0.1:${await listen(t, http.createServer(handler))}`;
}

/** Runs a program to its end. */
async function node(source, env = {}, flags = []) {
  const started = Date.now();
  const child = spawn(process.execPath, [...flags, '-e', source], {
    cwd: __dirname,
    env: { ...process.env, ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const [code, signal] = await once(child, 'close');
  return { code, signal, output, milliseconds: Date.now() - started };
}

/** The URL of a port that nothing listens on. */
async function closedPort() {
  const server = http.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}

/** Once `holds()` is true; fails after ten seconds. */
async function until(what, holds) {
  const deadline = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited ten seconds until ${what}`);
    await new Promise(setImmediate);
  }
}

/** An issuer with a key of its own. */
class Issuer {
  name = 'https://issuer.example.com/';
  audience = 'https://api.example.com';
  #kid;
  #keys = keyPair('rsa', { modulusLength: 2048 });

  constructor(kid = 'test-key') {
    this.#kid = kid;
  }

  get jwks() {
    const jwk = this.#keys.publicKey.export({ format: 'jwk' });
    return { keys: [{ ...jwk, kid: this.#kid, alg: 'RS256', use: 'sig' }] };
  }

  get config() {
    return { issuers: [this.name], audiences: [this.audience], jwks: this.jwks };
  }

  /** A token with these members; `claims` may be JSON text, for what JavaScript cannot hold. */
  sign(claims = {}) {
    const now = Math.floor(Date.now() / 1000);
    const usual = { iss: this.name, aud: this.audience, sub: 'a-client', iat: now, exp: now + 60 };
    const payload =
      typeof claims === 'string'
        ? `${JSON.stringify(usual).slice(0, -1)},${claims.slice(1)}`
        : JSON.stringify({ ...usual, ...claims });
    const header = JSON.stringify({ alg: 'RS256', typ: 'JWT', kid: this.#kid });
    const input = [header, payload].map((part) => Buffer.from(part).toString('base64url')).join('.');
    const signature = crypto.sign('sha256', Buffer.from(input), this.#keys.privateKey);
    return `${input}.${signature.toString('base64url')}`;
  }
}

module.exports = {
  stytch,
  client,
  m2mClient,
  tokenRequests,
  listen,
  serve,
  node,
  closedPort,
  until,
  Issuer,
};
