// The main job, end to end: create a client, fetch a token, verify it, refuse what must be refused.
//
// `cargo xtask demo node` runs it on the emulator. With `STYTCH_PROJECT_ID`, `STYTCH_SECRET` and
// `STYTCH_BASE_URL` set it runs against that server.

const assert = require('node:assert/strict');
const { AuthenticationError, Client, InsufficientScopeError } = require('stytch-m2m');

async function main() {
  const { m2m } = new Client();

  console.log('1. Create a client with scopes and metadata');
  const { m2m_client } = await m2m.clients.create({
    client_name: 'payments worker',
    scopes: ['read:users', 'write:users'],
    trusted_metadata: { team: 'payments' },
  });
  const { client_id, client_secret } = m2m_client;
  fact('client_id', client_id);
  fact('scopes', m2m_client.scopes.join(' '));
  fact('metadata', JSON.stringify(m2m_client.trusted_metadata));

  console.log('2. Fetch a token');
  const token = await m2m.token({ client_id, client_secret });
  const { access_token } = token;
  fact('expires_in', `${token.expires_in} s`);
  fact('token requests', await requests(client_id, 'counted by the server'));

  console.log('3. Fetch it again');
  const again = await m2m.token({ client_id, client_secret });
  assert.equal(again.access_token === access_token, true, 'the second fetch is another token');
  fact('same token', 'yes');
  fact('token requests', await requests(client_id, 'still: it came from the cache'));

  console.log('4. Authenticate it');
  const claims = await m2m.authenticateToken({ access_token });
  assert.equal(claims.client_id, client_id);
  fact('client_id', claims.client_id);
  fact('scopes', claims.scopes.join(' '));
  fact('custom_claims', JSON.stringify(claims.custom_claims));

  console.log('5. Ask for a scope that it lacks');
  const lacking = await failure(
    m2m.authenticateToken({ access_token, required_scopes: ['delete:users'] }),
    InsufficientScopeError,
  );
  fact('error', lacking.code);
  fact('missing_scopes', lacking.missing_scopes.join(' '));

  console.log('6. Deactivate the client');
  await m2m.clients.update({ client_id, status: 'inactive' });
  const refused = await failure(
    m2m.token({ client_id, client_secret, force_refresh: true }),
    AuthenticationError,
  );
  fact('a new token', `refused: ${refused.code} (HTTP ${refused.status_code})`);
  const old = await m2m.authenticateToken({ access_token });
  fact('the old token', `still verifies for ${old.client_id}`);

  console.log('7. Delete the client');
  const deleted = await m2m.clients.delete({ client_id });
  fact('deleted', deleted.client_id);
}

function fact(name, value) {
  console.log(`   ${name.padEnd(15)} ${value}`);
}

/** The error that `call` must end with. */
async function failure(call, ErrorClass) {
  const error = await call.then(
    () => assert.fail(`expected ${ErrorClass.name}, got a result`),
    (error) => error,
  );
  if (error instanceof ErrorClass) return error;
  throw error;
}

/** How many tokens the server was asked for, where it is an emulator and counts. */
async function requests(client_id, remark) {
  const query = new URLSearchParams({ client_id });
  const response = await fetch(`${process.env.STYTCH_BASE_URL}/_emulator/counts?${query}`).catch(() => null);
  if (!response?.ok) return 'not shown by this server';
  const { token: count } = await response.json();
  assert.equal(count, 1);
  return `1 (${remark})`;
}

main();
