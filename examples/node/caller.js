// Calls a service with a token of its own: CLIENT_ID=... CLIENT_SECRET=... node caller.js <url>
//
// The token is fetched once, refreshed before it expires, and replaced if the service refuses it.

const { TokenSource } = require('stytch-m2m');
const { tokenFetch } = require('stytch-m2m/fetch');

async function main() {
  const [url] = process.argv.slice(2);
  const { CLIENT_ID: client_id, CLIENT_SECRET: client_secret } = process.env;
  const source = new TokenSource({ client_id, client_secret, scopes: ['read:invoices'] });
  // The token is shown to the service's own origin and to no other.
  const send = tokenFetch({ source, origins: [new URL(url).origin] });

  for (let n = 0; n < 3; n += 1) {
    const response = await send(url);
    console.log(response.status, await response.text());
  }
  const { hits, misses } = source.stats();
  console.log(`fetched ${misses} token, reused it ${hits} times`);
}

main();
