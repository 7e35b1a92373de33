// Verification for one or several issuers.

import * as rule from './arguments';
import { unwrap } from './call';
import { CLAIMS_RULES, formatOf, type ClaimsSettings } from './claims';
import { environment } from './environment';
import { invalidConfig } from './errors';
import { IssuerConfig, toNativeIssuer } from './issuer';
import { resolver, toNativeResolver, type IssuerResolver } from './issuer-resolver';
import { native, type Native } from './native';
import type { CacheStats } from './state';
import { withSecrets } from './credential';
import { TRANSPORT_RULES, type TransportSettings } from './transport';
import { Verifying } from './verify';

/** Settings of a {@link TokenVerifier}. */
export interface TokenVerifierSettings extends ClaimsSettings, TransportSettings {
  /** The project whose tokens are accepted. Default: `STYTCH_PROJECT_ID`. */
  project_id?: string | undefined;
  /** Where its API is. Default: `STYTCH_BASE_URL`, or Stytch's host. */
  base_url?: string | undefined;
  /** The project's product line. Default: `consumer`. */
  vertical?: 'consumer' | 'b2b' | undefined;
  /** Several issuers whose tokens are accepted, in place of one project. At least one, unless there is a resolver. */
  issuers?: readonly IssuerConfig[] | undefined;
  /** Decides about the issuers that are not listed. Default: none of them is accepted. */
  issuer_resolver?: IssuerResolver | undefined;
  /**
   * About how many verified tokens to remember, so that one that comes again costs no signature
   * check; its key, times and scopes are checked each time. Default 0: no cache.
   */
  verified_token_cache_size?: number | undefined;
}

const VERIFIER_RULES: rule.Rules<TokenVerifierSettings> = {
  project_id: rule.text,
  base_url: rule.text,
  vertical: rule.text,
  issuers: rule.array,
  issuer_resolver: resolver,
  verified_token_cache_size: rule.count,
  ...CLAIMS_RULES,
  ...TRANSPORT_RULES,
};

/**
 * The given issuers, or the project, whose missing settings are read from the environment: not beside a resolver,
 * which says alone who is accepted.
 */
function issuersOf(settings: TokenVerifierSettings): IssuerConfig[] {
  const { issuers, issuer_resolver, project_id, base_url, vertical } = settings;
  const named = { project_id, base_url, vertical };
  if (issuers) {
    for (const [name, value] of Object.entries(named)) {
      if (value === undefined) continue;
      throw invalidConfig(name, `${name} is given beside issuers: give one, or IssuerConfig.stytch among the issuers`);
    }
    return [...issuers];
  }
  if (issuer_resolver && Object.values(named).every((value) => value === undefined)) return [];
  const known = environment('project_id', 'base_url');
  const project = project_id ?? known.project_id;
  if (project === undefined) {
    throw invalidConfig('project_id', 'project_id is missing: give it, set STYTCH_PROJECT_ID, or give issuers');
  }
  return [IssuerConfig.stytch({ project_id: project, base_url: base_url ?? known.base_url, vertical })];
}

/** Verifies access tokens of a project, or of one or several issuers. Needs no secret. */
export class TokenVerifier extends Verifying {
  readonly #native: Native.TokenVerifier;

  /**
   * No I/O: keys are fetched when the first token needs them. Without `issuers` it verifies tokens of one
   * project, of which the environment says what `settings` do not.
   */
  constructor(settings: TokenVerifierSettings = {}) {
    rule.atMost(arguments.length);
    const given = rule.take(settings, VERIFIER_RULES);
    const { issuer_resolver, ...others } = withSecrets(given);
    const issuers = issuersOf(given).map(toNativeIssuer);
    const resolves = issuer_resolver && { issuer_resolver: toNativeResolver(issuer_resolver) };
    const verifier = unwrap(native.newTokenVerifier({ ...others, issuers, ...resolves }));
    super(verifier, formatOf(given));
    this.#native = verifier;
  }

  /** What the caches of keys did, all issuers together. */
  stats(): CacheStats {
    rule.atMost(arguments.length, 0);
    return unwrap(this.#native.stats());
  }

  /** Lets go of connections and keys. Calls under way end as they would; later ones throw. */
  close(): void {
    this.#native.close();
  }
}
