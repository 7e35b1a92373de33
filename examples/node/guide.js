// The guide's snippets: each `[name]` to `[end]` is on one of its pages. Run as a whole.

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const {
  AuthenticationError,
  Client,
  IssuerConfig,
  NotFoundError,
  StytchM2MError,
  TokenSource,
  TokenVerifier,
  tokenFromAuthorizationHeader,
} = require('stytch-m2m');

async function main() {
  const client = new Client();
  const { client_id, client_secret } = await create(client);
  const header = await fetchToken(client_id, client_secret);
  const verifier = await verify(header.replace('Bearer ', ''));
  assert.deepEqual(await protect(verifier, header), { status: 200 });
  assert.equal((await protect(verifier, undefined)).status, 401);
  const access_token = header.replace('Bearer ', '');
  await resolve(new Map([[`stytch.com/${client.project_id}`, client.project_id]])).authenticateToken({ access_token });
  await forCustomer(client);
  await assert.rejects(customer(verifier, access_token, 'acme'), { reason: 'wrong_organization' });
  await secretSources(client_id, client_secret);
  await rotate(client, client_id);
  await assert.rejects(share(client_id, client_secret), AuthenticationError, 'the old secret is gone');
  operate(verifier);
  await remove(client, client_id);
}

async function create(client) {
  // [create]
  const { m2m_client } = await client.m2m.clients.create({
    client_name: 'billing worker',
    scopes: ['read:invoices'],
    idempotent: true, // a lost response does not lead to a second client
  });
  const { client_id, client_secret } = m2m_client; // the secret is shown only once

  for await (const found of client.m2m.clients.searchAll()) {
    console.log(found.client_id, found.status, found.scopes);
  }
  // [end]
  return { client_id, client_secret };
}

async function fetchToken(client_id, client_secret) {
  // [fetch]
  // STYTCH_PROJECT_ID, STYTCH_BASE_URL
  const source = new TokenSource({ client_id, client_secret, scopes: ['read:invoices'] });

  // From the cache while it is fresh; one request for all concurrent callers.
  const { access_token } = await source.getToken();
  const header = await source.authorizationHeader(); // the same, as "Bearer ..."

  // When a server has refused this token with 401: the next call fetches a new one.
  source.invalidate({ access_token });
  // [end]
  return header;
}

async function secretSources(client_id, client_secret) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'guide-'));
  const file = path.join(folder, 'client-secret');
  fs.writeFileSync(file, client_secret, { mode: 0o600 });
  process.env.BILLING_CLIENT_SECRET = client_secret;
  const vault = { read: async () => client_secret };
  // [credential]
  // Read again when the file changes, and when the server refuses the secret: Kubernetes' volumes.
  const fromFile = new TokenSource({ client_id, client_secret: { file } });
  // Read again when the server refuses the secret.
  const fromVariable = new TokenSource({ client_id, client_secret: { env: 'BILLING_CLIENT_SECRET' } });
  const fromVault = new TokenSource({ client_id, client_secret: () => vault.read('billing/client-secret') });
  // [end]
  for (const source of [fromFile, fromVariable, fromVault]) await source.getToken();
  fs.rmSync(folder, { recursive: true });
}

async function verify(access_token) {
  const { STYTCH_PROJECT_ID: project_id, STYTCH_BASE_URL: base_url } = process.env;
  // [verify]
  const verifier = new TokenVerifier({ issuers: [IssuerConfig.stytch({ project_id, base_url })] });
  await verifier.warmUp(); // optional: the first verification does not wait for the keys

  const claims = await verifier.authenticateToken({
    access_token,
    required_scopes: ['read:invoices'],
    max_token_age_seconds: 3600,
  });
  console.log(claims.client_id, claims.scopes, claims.custom_claims);
  // [end]
  return verifier;
}

function resolve(customers) {
  const { STYTCH_BASE_URL: base_url } = process.env;
  // [resolve]
  const verifier = new TokenVerifier({
    issuer_resolver: async (iss) => {
      const project_id = customers.get(iss); // your table of customers, such as a database
      return project_id === undefined ? undefined : IssuerConfig.stytch({ project_id, base_url });
    },
  });
  // [end]
  return verifier;
}

async function forCustomer(client) {
  // [organization-client]
  const { m2m_client } = await client.m2m.clients.create({ scopes: ['read:invoices'], organization_id: 'acme' });
  for await (const found of client.m2m.clients.searchAll({ organization_id: 'acme' })) {
    console.log(found.client_id, found.organization_id);
  }
  // [end]
  await client.m2m.clients.delete({ client_id: m2m_client.client_id });
}

// [organization]
/** Whose data a request for this organization may reach: its own, or an error. */
async function customer(verifier, access_token, organization) {
  const claims = await verifier.authenticateToken({ access_token, organization });
  return claims.organization;
}
// [end]

// [protect]
/** The response to a request with this `Authorization` header. */
async function protect(verifier, header) {
  try {
    await verifier.authenticateToken({
      access_token: tokenFromAuthorizationHeader(header),
      required_scopes: ['read:invoices'],
    });
  } catch (error) {
    if (!(error instanceof StytchM2MError)) throw error;
    // 401, 403 or 503, and the WWW-Authenticate header that goes with it.
    return { status: error.http_status, challenge: error.www_authenticate };
  }
  return { status: 200 };
}
// [end]

async function rotate(client, client_id) {
  const vault = new Map();
  // [rotate]
  const store = async (next_client_secret) => vault.set('billing', next_client_secret);

  // Starts the rotation, gives you the next secret, tests it by fetching a token, and only then
  // makes it the only one. If storing fails, the rotation is cancelled; nothing else cancels it.
  await client.m2m.clients.secrets.rotateWith({ client_id, store });
  // [end]
  assert(vault.has('billing'));
}

async function share(client_id, client_secret) {
  const key = process.env.TOKEN_STORE_KEY || 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoyMzQ1Njc=';
  const url = process.env.REDIS_URL || 'redis://127.0.0.1:6379';
  // [share]
  const source = new TokenSource({
    client_id,
    client_secret,
    token_store_url: url, // rediss://... with TLS
    token_store_key: key, // openssl rand -base64 32
  });
  await source.getToken();
  // [end]
}

function operate(verifier) {
  // [operate]
  const client = new Client({
    attempt_timeout_seconds: 3,
    total_timeout_seconds: 8,
    max_key_age_seconds: 12 * 3600,
  });
  console.log(client.stats().tokens);
  for (const { issuer, state, age_seconds } of verifier.health()) {
    console.log(issuer, state, age_seconds);
  }
  // [end]
}

async function remove(client, client_id) {
  // [delete]
  // No new tokens from here on; existing tokens stay valid until they expire.
  await client.m2m.clients.update({ client_id, status: 'inactive' });
  await client.m2m.clients.delete({ client_id });

  try {
    await client.m2m.clients.get({ client_id });
  } catch (error) {
    if (error instanceof NotFoundError) console.log(error.code, error.request_id); // not_found
  }
  // [end]
}

main();
