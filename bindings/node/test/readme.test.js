// First day 5: what a reader may paste from README.md runs.
'use strict';

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const test = require('node:test');
const axios = require('axios');
const express = require('express');
const fastify = require('fastify');
const { Agent } = require('undici');
const { Emulator } = require('stytch-m2m/testing');
const { closedPort, client, m2mClient, node, stytch } = require('./support');
const { requireToken } = require('stytch-m2m/express');

const AsyncFunction = (async () => {}).constructor;
const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8');
const snippets = [...readme.matchAll(/^## (.+)|^```js\n([^]*?)^```/gm)];

/** What stands for a service of the reader's own; its organization is no other test's. */
let emulator;
test.before(async () => (emulator = await Emulator.start()));
test.after(() => emulator.stop());

/** What the text around a snippet has introduced. */
async function surroundings(t, code) {
  const { STYTCH_PROJECT_ID: project_id, STYTCH_SECRET: secret } = process.env;
  const { client_id, client_secret } = await m2mClient(t);
  const { access_token } = await client.m2m.token({ client_id, client_secret });
  const { organization } = await emulator.credentials();
  const stored = [];
  return {
    ...stytch,
    require,
    ...(code.includes("from 'stytch-m2m/express'") ? {} : { requireToken }),
    console: { log: () => {} },
    project_id, secret, client, client_id, client_secret, access_token, Agent,
    source: new stytch.TokenSource({ client_id, client_secret }),
    authorization: `Bearer ${organization.authorization}`,
    app: code.includes('register') ? fastify() : express(),
    axiosInstance: axios.create(),
    vault: { put: async (value) => stored.push(value), read: async () => ({ secret: client_secret }) },
    next_client_secret: client_secret,
    // Away, which must not matter.
    token_store_url: (await closedPort()).replace('http', 'redis'),
    token_store_key: crypto.randomBytes(32).toString('base64'),
  };
}

const quickstart = snippets.find(([, , code]) => code)[2];
let section = '';
for (const [, heading, code] of snippets) {
  if (heading) {
    section = heading;
    continue;
  }
  test(`${section}: ${code.split('\n', 1)}`, async (t) => {
    if (code === quickstart) {
      const { code: status, output } = await node(code, {}, ['--input-type=module']);
      assert.deepEqual([status, output.includes('read:users')], [0, true], output);
      return;
    }
    const given = await surroundings(t, code);
    // A part of a module is run as a function, which has no imports.
    const required = code.replaceAll(/^import (.+) from (.+);$/gm, 'const $1 = require($2);');
    const here = required.replaceAll('https://api.example.com', emulator.base_url);
    await new AsyncFunction(...Object.keys(given), `{${here}}`)(...Object.values(given));
  });
}

test('there are snippets', () => {
  assert(snippets.filter(([, , code]) => code).length >= 14);
});
