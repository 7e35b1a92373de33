const stytch = require('stytch-m2m');

async function main() {
  const client = new stytch.Client(); // STYTCH_PROJECT_ID, STYTCH_SECRET, STYTCH_BASE_URL

  const { m2m_client } = await client.m2m.clients.create({ scopes: ['read:users'] });
  const { client_id, client_secret } = m2m_client;
  const { access_token } = await client.m2m.token({ client_id, client_secret });

  const claims = await client.m2m.authenticateToken({
    access_token,
    required_scopes: ['read:users'],
  });
  console.log(claims.client_id, claims.scopes);

  try {
    await client.m2m.authenticateToken({ access_token, required_scopes: ['write:users'] });
  } catch (error) {
    console.log(error.code, error.missing_scopes);
  }
}

main();
