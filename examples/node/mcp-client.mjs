// A client of an MCP server, or of any other service that says by RFC 9728 where its tokens come from:
// node mcp-client.mjs https://mcp.example.com/mcp
//
// Its credential is in the environment: CREDENTIAL='{"client_id": "...", "client_secret": "..."}', or with
// "private_key_pem" and "signing_algorithm" in place of the secret.

import { TokenSource } from 'stytch-m2m';

const isLocal = ({ hostname }) => hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';

/** An address that a server's answer names: https, or on this machine beside a server on it. */
function published(text, server) {
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(isLocal(url) && isLocal(server))) throw new Error(`${url.origin} is not https`);
  return url;
}

// [resource]
/** The authorization server of a service, which names it when it refuses a request without a token. */
async function authorizationServer(service, refused) {
  const challenge = refused.headers.get('www-authenticate') ?? '';
  const [, named] = /resource_metadata="([^"]+)"/.exec(challenge) ?? [];
  const { href } = new URL(named ?? `/.well-known/oauth-protected-resource${service.pathname}`, service);
  const metadata = published(href, service);
  if (metadata.origin !== service.origin) throw new Error('the metadata is at another server');
  const { resource, authorization_servers = [] } = await (await fetch(metadata, { redirect: 'error' })).json();
  // Else a token for this service could be used at another one.
  if (resource !== service.href && resource !== service.origin) throw new Error('the metadata is of another service');
  const [issuer] = authorization_servers;
  published(issuer, service);
  return { issuer, resource };
}
// [end]

const service = new URL(process.argv[2]);
const { client_id, client_secret, private_key_pem: private_key, signing_algorithm } = JSON.parse(
  process.env.CREDENTIAL ?? process.env.MCP_CONFORMANCE_CONTEXT,
);

function initialize(authorization) {
  const clientInfo = { name: 'stytch-m2m-example', version: '1.0.0' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  return fetch(service, {
    method: 'POST',
    headers: authorization ? { ...headers, authorization } : headers,
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
  });
}

const refused = await initialize();
if (refused.status === 401) {
  const { issuer, resource } = await authorizationServer(service, refused);
  const source = new TokenSource({ issuer, resource, client_id, client_secret, private_key, signing_algorithm });
  const accepted = await initialize(await source.authorizationHeader());
  console.log(accepted.status);
  process.exitCode = accepted.ok ? 0 : 1;
} else {
  console.log(refused.status);
}
