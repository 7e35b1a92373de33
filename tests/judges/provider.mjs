// oidc-provider with every way to authenticate. Prints its issuer, and runs until standard input
// ends. JUDGE_CLIENTS is its clients' metadata, JUDGE_TLS the PEM of its key, its certificate and
// the clients' certificate authority. Whoever logs in is the user `ada`.

import { generateKeyPairSync } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';

import Provider from 'oidc-provider';

// Whoever started it reads one line of standard output, and then closes it.
console.info = console.warn;

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'];
const tls = process.env.JUDGE_TLS && JSON.parse(process.env.JUDGE_TLS);
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** The peer's certificate, if the clients' authority signed it. */
function certificate(ctx) {
  const peer = ctx.socket.authorized && ctx.socket.getPeerX509Certificate?.();
  return peer ? peer.toString() : undefined;
}

const configuration = {
  clients: JSON.parse(process.env.JUDGE_CLIENTS),
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'judge' }] },
  scopes: ['openid', 'read', 'write'],
  clientAuthMethods: [
    'client_secret_basic',
    'client_secret_post',
    'private_key_jwt',
    'none',
    ...(tls ? ['tls_client_auth'] : []),
  ],
  findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  enabledJWA: { clientAuthSigningAlgValues: ALGORITHMS },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    mTLS: {
      enabled: Boolean(tls),
      tlsClientAuth: true,
      getCertificate: certificate,
      certificateAuthorized: (ctx) => ctx.socket.authorized,
      certificateSubjectMatches: (ctx, property, expected) =>
        property === 'tls_client_auth_san_dns' &&
        ctx.socket.getPeerX509Certificate().checkHost(expected) !== undefined,
    },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      defaultResource: () => undefined,
      getResourceServerInfo: (_ctx, resource) => ({
        scope: 'read write',
        audience: resource,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
};

/** Logs the user in, and lets the client have what it asks for. */
async function logIn(provider, request, response) {
  const { params } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId: 'ada', clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  grant.addResourceScope(params.resource, 'read');
  const consent = { grantId: await grant.save() };
  await provider.interactionFinished(request, response, { login: { accountId: 'ada' }, consent });
}

const server = tls
  ? https.createServer({ ...tls, requestCert: true, rejectUnauthorized: false })
  : http.createServer();
server.listen(0, 'localhost', () => {
  const issuer = `${tls ? 'https' : 'http'}://localhost:${server.address().port}`;
  const provider = new Provider(issuer, configuration);
  const answer = provider.callback();
  server.on('request', (request, response) =>
    request.url.startsWith('/interaction/')
      ? logIn(provider, request, response)
      : answer(request, response),
  );
  console.log(issuer);
});
process.stdin.resume().on('end', () => process.exit());
