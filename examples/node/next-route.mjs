// The same in Next.js: app/invoices/route.js. The package is native, so it runs in Node and not at the edge.

import { requireToken } from './web.mjs';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export const GET = requireToken({ required_scopes: ['read:invoices'] }, (_request, claims) =>
  Response.json({ caller: claims.client_id, invoices: [{ id: 1, amount: 100 }] }),
);
