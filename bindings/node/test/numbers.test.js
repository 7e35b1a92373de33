'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { Issuer, serve, stytch } = require('./support');

/** Beyond what a `number` can tell from infinity. */
const INFINITE = 9n ** 400n;
const NUMBERS = {
  small: 7,
  safe: Number.MAX_SAFE_INTEGER,
  beyond_safe: 2n ** 53n + 1n,
  beyond_64_bits: 2n ** 64n + 1n,
  beyond_128_bits: 2n ** 200n + 1n,
  negative: -(2n ** 70n) - 1n,
  hundreds_of_digits: 9n ** 300n,
  fraction: 0.1,
  nested: [{ deep: 2n ** 80n }],
};
/** `value` as JSON, exactly. */
function json(value) {
  const text = JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? `<${one}>` : one));
  return text.replaceAll(/"<(-?\d+)>"/g, '$1');
}

/** With the prototypes that the package takes off. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

test('integers of every size in custom claims are exact', () => {
  const issuer = new Issuer();
  const verifier = new stytch.TokenVerifier({ issuers: [issuer.config], large_integers: 'bigint' });
  const claims = verifier.authenticateTokenSync({ access_token: issuer.sign(json({ numbers: NUMBERS })) });
  assert.deepEqual(plain(claims.custom_claims.numbers), NUMBERS);
});

test('integers of every size in metadata are exact, sent and received', async (t) => {
  const metadata = { ...NUMBERS, infinite: INFINITE };
  let sent;
  const base_url = await serve(t, async (request, response) => {
    sent = '';
    for await (const part of request) sent += part;
    const client = { client_id: 'id', client_secret: 'secret', client_name: '', client_description: '' };
    const rest = { status: 'active', scopes: [], client_secret_last_four: 'cret', trusted_metadata: null };
    const answer = JSON.stringify({ m2m_client: { ...client, ...rest }, request_id: 'r', status_code: 200 });
    response.setHeader('content-type', 'application/json');
    response.end(answer.replace('"trusted_metadata":null', `"trusted_metadata":${json(metadata)}`));
  });
  const { m2m } = new stytch.Client({ project_id: 'project-test-1', secret: 'a-secret', base_url });
  const { m2m_client } = await m2m.clients.create({ scopes: [], trusted_metadata: metadata });
  assert(sent.includes(String(INFINITE)) && sent.includes(String(2n ** 64n + 1n)), sent);
  assert.deepEqual(plain(m2m_client.trusted_metadata), metadata);
});
