const { IssuerConfig, TokenSource, TokenVerifier } = require('stytch-m2m');

async function main() {
  const { AUTH0_URL: tenant, AUTH0_AUDIENCE: audience } = process.env;
  const { STYTCH_PROJECT_ID: project_id, STYTCH_BASE_URL: base_url } = process.env;

  // A service: it accepts the tokens of both, each by its own keys, audience and profile.
  const verifier = new TokenVerifier({
    issuers: [
      IssuerConfig.auth0({ domain: tenant, audience }),
      IssuerConfig.stytch({ project_id, base_url }),
    ],
  });

  // A caller: the same id and secret before and after. To move, it changes the token endpoint.
  const { M2M_CLIENT_ID: client_id, M2M_CLIENT_SECRET: client_secret } = process.env;
  const before = new TokenSource({
    client_id,
    client_secret,
    token_url: `${tenant}/oauth/token`,
    extra: { audience },
  });
  const after = new TokenSource({ client_id, client_secret });

  for (const source of [before, after]) {
    const { access_token } = await source.getToken();
    const required_scopes = ['read:invoices'];
    const claims = await verifier.authenticateToken({ access_token, required_scopes });
    console.log(`${claims.client_id} by ${claims.issuer}`);
  }
}

main();
