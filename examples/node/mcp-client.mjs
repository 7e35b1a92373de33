// A client of an MCP server, or of any other service that says by RFC 9728 where its tokens come from:
// node mcp-client.mjs https://mcp.example.com/mcp
//
// Its credential is in the environment: CREDENTIAL='{"client_id": "...", "client_secret": "..."}', or with
// "private_key_pem" and "signing_algorithm" in place of the secret.

import { ProtectedResource, TokenSource } from 'stytch-m2m';

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
  // [resource]
  const www_authenticate = refused.headers.get('www-authenticate');
  const { resource, authorization_servers, scopes } = await ProtectedResource.discover({ url: service.href, www_authenticate });
  const [issuer] = authorization_servers;
  const source = new TokenSource({ issuer, resource, scopes, client_id, client_secret, private_key, signing_algorithm });
  // [end]
  const accepted = await initialize(await source.authorizationHeader());
  console.log(accepted.status);
  process.exitCode = accepted.ok ? 0 : 1;
} else {
  console.log(refused.status);
}
