import type * as Native from '../native/index.js';

/** The native module. Required, not imported: it lies beside `dist` and is no part of it. */
export const native = require('../native/index.js') as typeof Native;

export type { Native };
