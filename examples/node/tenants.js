// A service with several customers, on Express: the machine of one never reaches the data of another.
//
// The organization comes from the token, where the project's template puts it:
//
//     { "org_id": {{ client.trusted_metadata.organization_id }} }

const express = require('express');
const { ANY_ORGANIZATION, TokenVerifier } = require('stytch-m2m');
const { requireToken } = require('stytch-m2m/express');

const verifier = new TokenVerifier();
const app = express();
app.use(express.text());

// The organization in the token must be the one in the path, or there must be one.
const ofPath = { verifier, organization: { path: 'organization' } };
const ofAny = { verifier, organization: ANY_ORGANIZATION };

const mayRead = requireToken({ ...ofPath, required_scopes: ['read:invoices'] });
const mayWrite = requireToken({ ...ofPath, required_scopes: ['write:invoices'] });
const mayReadOwn = requireToken({ ...ofAny, required_scopes: ['read:invoices'] });

const invoices = new Map([
  ['acme', new Map([['1', 'anvils']])],
  ['globex', new Map([['1', 'rockets'], ['2', 'fuel']])],
]);

/** Looked up by the token's organization, never by what else the request says. */
function invoicesOf({ m2mClaims: { organization } }) {
  if (!invoices.has(organization)) invoices.set(organization, new Map());
  return invoices.get(organization);
}

app.get('/organizations/:organization/invoices', mayRead, (req, res) => {
  res.json(Object.fromEntries(invoicesOf(req)));
});

app.get('/organizations/:organization/invoices/:number', mayRead, (req, res) => {
  const text = invoicesOf(req).get(req.params.number);
  if (text === undefined) res.sendStatus(404);
  else res.json(text);
});

app.put('/organizations/:organization/invoices/:number', mayWrite, (req, res) => {
  invoicesOf(req).set(req.params.number, String(req.body));
  res.sendStatus(204);
});

app.delete('/organizations/:organization/invoices/:number', mayWrite, (req, res) => {
  invoicesOf(req).delete(req.params.number);
  res.sendStatus(204);
});

app.get('/invoices', mayReadOwn, (req, res) => {
  res.json(Object.fromEntries(invoicesOf(req)));
});

const server = app.listen(process.env.PORT || 0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
process.on('SIGTERM', () => server.close());
