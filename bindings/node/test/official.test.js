// A program written for the official client, with only its import changed.
'use strict';

const assert = require('node:assert/strict');
const { readFileSync } = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { Issuer, node, stytch } = require('./support');

const PRINTED = `created 200 true
found billing active
updated Billing finance
token bearer true 200
verified true read:invoices write:* {}
allowed true
refused
refused
rotated true
deleted true
404 m2m_client_not_found
`;

test('for all: a program written for the official client runs with only its import changed', async () => {
  const program = readFileSync(path.join(__dirname, 'programs/official.js'), 'utf8');
  const ported = program.replace("require('stytch')", "require('stytch-m2m')");
  assert.notEqual(ported, program);
  const { code, output } = await node(ported);
  assert.equal(output, PRINTED);
  assert.equal(code, 0);
});

test("for all: the official client's settings that are not ours are refused by name", () => {
  const page = readFileSync(path.join(__dirname, '../../../docs/from-the-official-client-node.md'), 'utf8');
  const project = { project_id: 'project-test-1', secret: 'a-secret' };
  for (const [field, value] of Object.entries({
    env: 'https://test.stytch.com/v1/', custom_base_url: 'https://a.example.com', timeout: 1000, dispatcher: {}, fraud_env: 'x',
  })) {
    assert.throws(() => new stytch.Client({ ...project, [field]: value }), { code: 'invalid_config', field });
    if (field !== 'fraud_env') assert(page.includes(`\`${field}\``), field);
  }
});

test('for all: scopes grant what the page says', async () => {
  const issuer = new Issuer();
  const verifier = new stytch.TokenVerifier({ issuers: [{ ...issuer.config, wildcard_scopes: true }] });
  const grants = (scope, required) =>
    verifier.authenticateToken({ access_token: issuer.sign({ scope }), required_scopes: [required] }).then(
      () => true,
      ({ missing_scopes }) => missing_scopes.length === 0,
    );
  for (const [scope, required, expected] of [
    ['read:*', 'read:x', true], ['read:*', 'read:a:b', true], ['read:*', 'read', false], ['read', 'read:x', false],
    ['read:a', 'read:a:b', false], ['read:a:b', 'read:a', false],
  ]) {
    assert.equal(await grants(scope, required), expected, `${scope} ${required}`);
  }
});
