// The organization-scoped M2M API.

import * as rule from './arguments';
import { call, unwrap } from './call';
import { native, type Native } from './native';
import { toToken, type Token } from './records';
import type { CacheStats } from './state';
import { withSecrets } from './credential';
import { TRANSPORT_RULES, type TransportSettings } from './transport';

/** Settings of an {@link OrganizationClient}. */
export interface OrganizationSettings extends TransportSettings {
  /** The API's host, such as `https://api.example.com`. */
  base_url: string;
  /** The whole value of the `Authorization` header, as `Bearer ...`. */
  authorization: string;
}

/** Whether the cache will do. */
export interface OrganizationTokenArguments extends rule.Cancellable {
  /** Fetch a new token even if a cached one is fresh. */
  force_refresh?: boolean | undefined;
}

const RULES: rule.Rules<OrganizationSettings> = {
  base_url: rule.required(rule.text),
  authorization: rule.required(rule.text),
  ...TRANSPORT_RULES,
};
const CALL_RULES: rule.Rules<rule.Cancellable> = { signal: rule.signal };
const TOKEN_RULES: rule.Rules<OrganizationTokenArguments> = {
  ...CALL_RULES,
  force_refresh: rule.flag,
};

/**
 * For customers of a product that gives each organization one M2M client, by an API on the product's own
 * host (`/m2m/client-id` and so on); who talks to Stytch itself needs a {@link Client}. The client's secret
 * can be read, and rotates without an overlap.
 */
export class OrganizationClient {
  readonly #native: Native.OrganizationClient;

  /** No I/O. */
  constructor(settings: OrganizationSettings) {
    rule.atMost(arguments.length);
    this.#native = unwrap(native.newOrganizationClient(withSecrets(rule.take(settings, RULES))));
  }

  /** Returns the organization's client id. */
  async clientId(args: rule.Cancellable = {}): Promise<string> {
    rule.atMost(arguments.length);
    const { signal } = rule.take(args, CALL_RULES);
    return (await call(signal, (cancel) => this.#native.clientId(cancel))).text;
  }

  /** Returns the client's secret. */
  async clientSecret(args: rule.Cancellable = {}): Promise<string> {
    rule.atMost(arguments.length);
    const { signal } = rule.take(args, CALL_RULES);
    return (await call(signal, (cancel) => this.#native.clientSecret(cancel))).text;
  }

  /**
   * An access token, cached. The credential is read first, once, and again when the server refuses
   * it, as it does after somebody else rotated.
   */
  async token(args: OrganizationTokenArguments = {}): Promise<Token> {
    rule.atMost(arguments.length);
    const { force_refresh = false, signal } = rule.take(args, TOKEN_RULES);
    signal?.throwIfAborted();
    const cached = force_refresh ? null : this.#native.cachedToken();
    return toToken(
      cached ?? (await call(signal, (cancel) => this.#native.token(force_refresh, cancel))),
    );
  }

  /**
   * Replaces the secret and returns the new one: the old one is refused from now on, so every other
   * holder of it must be given the new one.
   */
  async rotate(args: rule.Cancellable = {}): Promise<string> {
    rule.atMost(arguments.length);
    const { signal } = rule.take(args, CALL_RULES);
    return (await call(signal, (cancel) => this.#native.rotate(cancel))).text;
  }

  /** What the token cache did. */
  stats(): CacheStats {
    rule.atMost(arguments.length, 0);
    return unwrap(this.#native.stats());
  }

  /** Lets go of connections and the token. Calls under way end as they would; later ones throw. */
  close(): void {
    this.#native.close();
  }
}
