// Tokens for one M2M client.

import * as rule from './arguments';
import { call, unwrap } from './call';
import { environment } from './environment';
import { native, type Native } from './native';
import { toToken, type Token } from './records';
import type { CacheStats } from './state';
import { TOKEN_STORE_RULES, TRANSPORT_RULES } from './transport';
import type { TokenStoreSettings, TransportSettings } from './transport';

/** Settings of a {@link TokenSource}. */
export interface TokenSourceSettings extends TokenStoreSettings, TransportSettings {
  /** The project whose token endpoint is asked. Default: `STYTCH_PROJECT_ID`. */
  project_id?: string | undefined;
  /** The API's address. Default: `STYTCH_BASE_URL`, or Stytch's host. */
  base_url?: string | undefined;
  /** Another server's token endpoint, in place of `project_id` and `base_url`. */
  token_url?: string | undefined;
  /** The M2M client's id. */
  client_id: string;
  /** Its secret. */
  client_secret: string;
  /** The scopes to request. Default: all scopes of the client. */
  scopes?: readonly string[] | undefined;
  /** Additional parameters, such as `audience`. */
  extra?: Readonly<Record<string, string>> | undefined;
}

const RULES: rule.Rules<TokenSourceSettings> = {
  project_id: rule.text,
  base_url: rule.text,
  token_url: rule.text,
  client_id: rule.required(rule.text),
  client_secret: rule.required(rule.text),
  scopes: rule.texts,
  extra: rule.textMap,
  ...TOKEN_STORE_RULES,
  ...TRANSPORT_RULES,
};
const CALL_RULES: rule.Rules<rule.Cancellable> = { signal: rule.signal };

/** Access tokens for one M2M client, cached and refreshed ahead. It needs no project secret. */
export class TokenSource {
  readonly #native: Native.TokenSource;
  /** The cached token, of which the native module then tells only the seconds that it has left. */
  #lastToken: Native.Token | undefined;

  /** No I/O: a token is fetched when it is asked for. */
  constructor(settings: TokenSourceSettings) {
    rule.atMost(arguments.length);
    const given = rule.take(settings, RULES);
    const filled =
      given.token_url === undefined ? { ...environment('project_id', 'base_url'), ...given } : given;
    this.#native = unwrap(native.newTokenSource(filled));
  }

  /**
   * Returns a fresh token: the cached one, or a new one, fetched with one request for all
   * concurrent callers.
   */
  async getToken(args: rule.Cancellable = {}): Promise<Token> {
    rule.atMost(arguments.length);
    const { signal } = rule.take(args, CALL_RULES);
    signal?.throwIfAborted();
    const cached = this.#native.cachedToken();
    if (cached === null) return toToken(await call(signal, (cancel) => this.#native.getToken(cancel)));
    if (typeof cached === 'number' && this.#lastToken) return toToken(this.#lastToken, cached);
    this.#lastToken = cached as Native.Token;
    return toToken(this.#lastToken);
  }

  /** The value of an `Authorization` header, `Bearer ...`, with a fresh token. */
  async authorizationHeader(args: rule.Cancellable = {}): Promise<string> {
    rule.atMost(arguments.length);
    const { access_token } = await this.getToken(args);
    return `Bearer ${access_token}`;
  }

  /** Says that a server refused `access_token`: unless a newer one is there, the next call fetches. */
  invalidate(args: rule.RefusedToken): void {
    rule.atMost(arguments.length);
    const { access_token } = rule.take(args, rule.REFUSED_RULES);
    unwrap(this.#native.invalidate(access_token));
  }

  /** What the cache did. */
  stats(): CacheStats {
    rule.atMost(arguments.length, 0);
    return unwrap(this.#native.stats());
  }

  /** Lets go of connections and the token. Calls under way end as they would; later ones throw. */
  close(): void {
    this.#native.close();
    this.#lastToken = undefined;
  }
}
