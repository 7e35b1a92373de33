// Compiled strictly, as an ES module and for a bundler: what users write, and what must not compile.

import {
  B2BClient,
  Client,
  InsufficientScopeError,
  InvalidTokenError,
  IssuerConfig,
  StytchM2MError,
  TokenSource,
  TokenVerifier,
  type CreateResponse,
  type JsonValue,
  type M2MClient,
  type Token,
  type TokenClaims,
} from 'stytch-m2m';

const client: Client = new B2BClient({ project_id: 'project-test-1', secret: 'secret' });

export async function manage(signal: AbortSignal): Promise<M2MClient[]> {
  const created: CreateResponse = await client.m2m.clients.create({
    scopes: ['read:users'],
    trusted_metadata: { team: 'payments', floors: [1, 2n] },
    signal,
  });
  const { client_id, client_secret } = created.m2m_client;
  await client.m2m.clients.update({ client_id, status: 'inactive' });
  const token: Token = await client.m2m.token({ client_id, client_secret, extra: { a: 'b' } });
  const expires: number = token.expires_at.getTime();
  const found: M2MClient[] = [];
  const operands = [{ filter_name: 'scopes', filter_value: ['read:users'] }] as const;
  for await (const each of client.m2m.clients.searchAll({ query: { operands } })) found.push(each);
  return expires > 0 ? found : [];
}

export async function verify(access_token: string): Promise<JsonValue | undefined> {
  const verifier = new TokenVerifier({
    issuers: [
      IssuerConfig.stytch({ project_id: 'project-test-1' }),
      { issuers: ['https://a'], audiences: ['b'], jwks: { keys: [] }, algorithms: ['ES256'] },
    ],
  });
  const claims: TokenClaims = await verifier.authenticateToken({
    access_token,
    required_scopes: ['read:users'] as const,
    authorize: async (claims, required) => claims.scopes.length > required.length,
  });
  verifier.authenticateTokenSync({ access_token, authorize: () => true });
  // @ts-expect-error: the sync call cannot wait
  verifier.authenticateTokenSync({ access_token, authorize: async () => true });
  return claims.custom_claims['team'];
}

export function explain(error: unknown): string {
  if (error instanceof InvalidTokenError) return error.reason;
  if (error instanceof InsufficientScopeError) return error.missing_scopes.join(' ');
  if (error instanceof StytchM2MError) {
    switch (error.code) {
      case 'keys_unavailable':
        return String(error.retry_after_seconds ?? error.http_status);
      // @ts-expect-error: no such code
      case 'no_such_code':
        return '';
      default:
        return error.request_id ?? error.message;
    }
  }
  return 'unknown';
}

export const header: Promise<string> = new TokenSource({
  client_id: 'id',
  client_secret: 'secret',
}).authorizationHeader();

new TokenSource({ client_id: 'id', client_secret: { file: '/secret' }, client_auth: 'client_secret_basic' });
new TokenSource({ client_id: 'id', private_key: async () => 'key', signing_algorithm: 'ES256', resource: ['https://api.example.com'] });
// @ts-expect-error: a secret is text, or comes from a file, a variable or a function
new TokenSource({ client_id: 'id', client_secret: { path: '/secret' } });
// @ts-expect-error: an unknown setting
new Client({ project: 'x' });
// @ts-expect-error: a status is one of two
client.m2m.clients.update({ client_id: 'id', status: 'gone' });

export async function rotate(client_id: string): Promise<string> {
  const { secrets } = client.m2m.clients;
  const { m2m_client } = await secrets.rotateWith({ client_id, store: async (next: string) => next.length });
  // @ts-expect-error: the secret went to `store`
  m2m_client.next_client_secret;
  // @ts-expect-error: nothing to store with
  await secrets.rotateWith({ client_id });
  return m2m_client.client_secret_last_four;
}

const [health] = client.m2m.health();
export const state: 'fresh' | 'stale' | 'expired' | 'missing' | undefined = health?.state;
export const fetched: Date | null | undefined = health?.fetched_at;
export const hits: number = client.stats().tokens.hits;
