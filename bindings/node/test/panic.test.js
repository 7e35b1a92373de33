'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { closedPort, node, stytch } = require('./support');
const native = require('../native/index.js');

test('a panic in a synchronous call is an exception, and the process goes on', async () => {
  const ended = await node(`
    const native = require('../native/index.js');
    try { native.samplePanic(); } catch (error) { console.log(error instanceof Error, error.message); }`);
  assert.equal(ended.signal, null);
  assert.match(ended.output, /true overflow when adding durations\n$/);
  assert.throws(() => native.samplePanic(), Error);
});

test('every native function turns a panic into an exception', () => {
  const folder = path.join(__dirname, '..', 'src');
  const files = fs.readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.rs'));
  for (const file of files) {
    const source = fs.readFileSync(path.join(folder, file), 'utf8');
    for (const [, options, is] of source.matchAll(/#\[napi(\(.*\))?\]\s+(?:#\[.*\]\s+)*pub (\w+)/g)) {
      if (is === 'fn') assert.match(String(options), /catch_unwind/, `${file}: ${options}`);
    }
  }
});

test('a timeout longer than any time is as good as none', () => {
  const base_url = 'https://example.com';
  for (const total_timeout_seconds of [1e19, 1.8446744073709549568e19, 1e300]) {
    const timeouts = { total_timeout_seconds, attempt_timeout_seconds: 1e19, connect_timeout_seconds: 1e19 };
    new stytch.OrganizationClient({ base_url, authorization: 'Bearer x', ...timeouts });
    new stytch.Client({ project_id: 'project-test-1', ...timeouts });
    new stytch.TokenSource({ token_url: base_url, client_id: 'id', client_secret: 'x', ...timeouts });
    const issuers = [stytch.IssuerConfig.auth0({ domain: 'a.auth0.com', audience: 'a' })];
    new stytch.TokenVerifier({ issuers, ...timeouts });
  }
});

test('no value that is passed to any function ends the process', async () => {
  const env = { CLOSED_URL: await closedPort(), RUST_BACKTRACE: '0' };
  const ended = await node("require('./programs/odd.js')", env);
  const { code, signal, output } = ended;
  assert.deepEqual([code, signal, output.slice(-2000)], [0, null, 'went on after thousands of calls\n']);
});
