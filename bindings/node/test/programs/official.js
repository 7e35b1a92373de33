// Written for the official client, npm's `stytch` 14.2, as its documents have it: nothing here is of this package.

const stytch = require('stytch');

const client = new stytch.Client({
  project_id: process.env.STYTCH_PROJECT_ID,
  secret: process.env.STYTCH_SECRET,
});

async function main() {
  const { clients } = client.m2m;
  const created = await clients.create({
    client_name: 'billing',
    client_description: 'sends invoices',
    scopes: ['read:invoices', 'write:*'],
    trusted_metadata: { team: 'payments' },
  });
  const { client_id, client_secret } = created.m2m_client;
  console.log('created', created.status_code, JSON.parse(JSON.stringify(created)).m2m_client.client_secret === client_secret);

  const query = { operator: 'AND', operands: [{ filter_name: 'client_id', filter_value: [client_id] }] };
  const found = await clients.search({ limit: 10, query });
  console.log('found', found.m2m_clients.map(({ client_name, status }) => `${client_name} ${status}`).join());
  await clients.update({ client_id, client_name: 'Billing', trusted_metadata: { team: 'finance' } });
  const { m2m_client } = await clients.get({ client_id });
  console.log('updated', m2m_client.client_name, m2m_client.trusted_metadata.team);

  const token = await client.m2m.token({ client_id, client_secret, scopes: ['read:invoices', 'write:*'] });
  console.log('token', token.token_type, token.expires_in > 3000, token.status_code);
  const { access_token } = token;
  const claims = await client.m2m.authenticateToken({
    access_token,
    required_scopes: ['read:invoices', 'write:orders'],
    max_token_age_seconds: 600,
    clock_tolerance_seconds: 5,
  });
  console.log('verified', claims.client_id === client_id, claims.scopes.join(' '), JSON.stringify(claims.custom_claims));
  const allowed = await client.m2m.authenticateToken(
    { access_token, required_scopes: ['admin'] },
    ({ hasScopes, requiredScopes }) => hasScopes.length > requiredScopes.length,
  );
  console.log('allowed', allowed.client_id === client_id);
  for (const decide of [undefined, () => false]) {
    const refused = await client.m2m
      .authenticateToken({ access_token, required_scopes: ['admin'] }, decide)
      .then(() => 'accepted', () => 'refused');
    console.log(refused);
  }

  const started = await clients.secrets.rotateStart({ client_id });
  const { next_client_secret } = started.m2m_client;
  const rotated = await clients.secrets.rotate({ client_id });
  console.log('rotated', rotated.m2m_client.client_secret_last_four === next_client_secret.slice(-4));
  await clients.secrets.rotateStart({ client_id });
  await clients.secrets.rotateCancel({ client_id });
  const gone = await clients.delete({ client_id });
  console.log('deleted', gone.client_id === client_id);
  await clients.get({ client_id }).catch((error) => console.log(error.status_code, error.error_type));
}

main();
