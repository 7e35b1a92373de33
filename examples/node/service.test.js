// How to test a service of your own: its tokens come from the emulator, good and bad.

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const { StytchM2MError, TokenVerifier, IssuerConfig, tokenFromAuthorizationHeader } = require('stytch-m2m');
const { Emulator } = require('stytch-m2m/testing');

/** The service: the HTTP status that it answers a request with. */
async function listInvoices(verifier, authorization) {
  try {
    const access_token = tokenFromAuthorizationHeader(authorization);
    await verifier.authenticateToken({ access_token, required_scopes: ['read:invoices'] });
    return 200;
  } catch (error) {
    if (error instanceof StytchM2MError) return error.http_status;
    throw error;
  }
}

const scopes = ['read:invoices', 'write:invoices'];
let emulator;
before(async () => {
  const clients = [{ client_id: 'billing', client_secret: 'billing-secret-1', scopes }];
  emulator = await Emulator.start({ seed: { clients } });
});
after(() => emulator.stop());

/** A verifier as the service has it when it starts. */
function verifier() {
  const { project_id, base_url } = emulator;
  return new TokenVerifier({ issuers: [IssuerConfig.stytch({ project_id, base_url })] });
}

for (const [what, token, status] of [
  ['a good token', {}, 200],
  ['a token without the scope', { scopes: ['write:invoices'] }, 403],
  ['an expired token', { changes: { issued_at_offset_seconds: -7200 } }, 401],
  ['a token with a broken signature', { changes: { signature: 'corrupted' } }, 401],
  ['a token for another audience', { changes: { claims: { aud: ['another'] } } }, 401],
]) {
  test(`${what} gets ${status}`, async () => {
    const issued = await emulator.issueToken({ client_id: 'billing', ...token });
    assert.equal(await listInvoices(verifier(), `Bearer ${issued}`), status);
  });
}

test('without a token there is no answer', async () => {
  assert.equal(await listInvoices(verifier(), undefined), 401);
});

test('without keys nobody is blamed', async () => {
  const issued = await emulator.issueToken({ client_id: 'billing' });
  await emulator.addFault({ operation: 'jwks', effect: { type: 'status', status: 503 }, seconds: 60 });
  assert.equal(await listInvoices(verifier(), `Bearer ${issued}`), 503);
});
