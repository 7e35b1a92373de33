'use strict';

const { m2mClient, serve, stytch } = require('./support');

/** An API that accepts the tokens in `good`, or all, and the requests it has seen. */
async function api(t, { good, answer, challenge = 'Bearer error="invalid_token"' } = {}) {
  const seen = [];
  const origin = await serve(t, async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const token = request.headers.authorization?.replace('Bearer ', '');
    seen.push({ method: request.method, url: request.url, token, body });
    if (good && !good(token)) response.writeHead(401, { 'www-authenticate': challenge });
    response.end(answer ?? body);
  });
  return { origin, seen };
}

async function source(t) {
  const { client_id, client_secret } = await m2mClient(t);
  return { client_id, source: new stytch.TokenSource({ client_id, client_secret }) };
}

/** A source of tokens of which no two are equal, and how many it has given out. */
async function numbered(t) {
  const given = { tokens: 0 };
  const token_url = await serve(t, (_, response) => {
    given.tokens += 1;
    const token = { access_token: `token-${given.tokens}`, token_type: 'bearer', expires_in: 3600 };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(token));
  });
  const settings = { token_url, client_id: 'id', client_secret: 'a-secret' };
  return { given, source: new stytch.TokenSource(settings) };
}

module.exports = { api, source, numbered };
