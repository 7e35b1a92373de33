// The native module.

import type * as Native from '../native/index.js';

/** Required, not imported: it lies beside `dist` and is no part of it. */
export const native = require('../native/index.js') as typeof Native;

export type { Native };
