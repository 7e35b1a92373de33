// Verification for one or several issuers.

import * as rule from './arguments';
import { unwrap } from './call';
import { toNativeIssuer, type IssuerConfig } from './issuer';
import { native, type Native } from './native';
import type { CacheStats } from './state';
import { TRANSPORT_RULES, type TransportSettings } from './transport';
import { Verifying } from './verify';

/** Settings of a {@link TokenVerifier}. */
export interface TokenVerifierSettings extends TransportSettings {
  /** The issuers whose tokens are accepted. At least one. */
  issuers: readonly IssuerConfig[];
  /**
   * About how many verified tokens to remember, so that one that comes again costs no signature
   * check; its key, times and scopes are checked each time. Default 0: none.
   */
  verified_token_cache_size?: number | undefined;
}

const VERIFIER_RULES: rule.Rules<TokenVerifierSettings> = {
  issuers: rule.required(rule.array),
  verified_token_cache_size: rule.count,
  ...TRANSPORT_RULES,
};

/** Verifies access tokens of one or several issuers. Needs no secret. */
export class TokenVerifier extends Verifying {
  readonly #native: Native.TokenVerifier;

  /** No I/O: keys are fetched when the first token needs them. */
  constructor(settings: TokenVerifierSettings) {
    const { issuers, ...given } = rule.take(settings, VERIFIER_RULES);
    const filled = { ...given, issuers: issuers.map(toNativeIssuer) };
    const verifier = unwrap(native.newTokenVerifier(filled));
    super(verifier);
    this.#native = verifier;
  }

  /** What the caches of keys did, all issuers together. */
  stats(): CacheStats {
    return unwrap(this.#native.stats());
  }

  /** Lets go of connections and keys. Calls under way end as they would; later ones throw. */
  close(): void {
    this.#native.close();
  }
}
