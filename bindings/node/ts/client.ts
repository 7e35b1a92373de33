// The project's client.

import * as rule from './arguments';
import { call, unwrap } from './call';
import { CLAIMS_RULES, formatOf, type ClaimsSettings } from './claims';
import { Clients } from './clients';
import { secret, withSecrets, type SecretSource } from './credential';
import { environment } from './environment';
import type { JsonFormat } from './json';
import { native, type Native } from './native';
import { toToken, type Token } from './records';
import type { ClientStats } from './state';
import { TOKEN_STORE_RULES, TRANSPORT_RULES } from './transport';
import type { TokenStoreSettings, TransportSettings } from './transport';
import { Verifying } from './verify';

/** Settings of a {@link Client}. */
export interface ClientSettings extends ClaimsSettings, TokenStoreSettings, TransportSettings {
  /** The project's id. Default: `STYTCH_PROJECT_ID`. */
  project_id?: string | undefined;
  /** The project's secret, which only management calls need. Default: `STYTCH_SECRET`. */
  secret?: SecretSource | undefined;
  /**
   * The API's address. Default: `STYTCH_BASE_URL`, or Stytch's live or test host by the project's
   * id. Set it to your custom domain, or to an emulator.
   */
  base_url?: string | undefined;
  /** The product line. Default: `consumer`. */
  vertical?: 'consumer' | 'b2b' | undefined;
  /**
   * The key of `trusted_metadata` that holds a client's organization: `organization_id` of calls and records is
   * its value. Default: `organization_id`.
   */
  organization_key?: string | undefined;
  /**
   * About how many verified tokens to remember, so that one that comes again costs no signature
   * check; its key, times and scopes are checked each time. Default 0: no cache.
   */
  verified_token_cache_size?: number | undefined;
  /**
   * Maximum number of grants whose access token is cached. A full cache evicts grants without a
   * token first, then the least recently used. From 1 to 1,048,576. Default: 10,000.
   */
  token_cache_capacity?: number | undefined;
}

const RULES: rule.Rules<ClientSettings> = {
  project_id: rule.text,
  secret,
  base_url: rule.text,
  vertical: rule.text,
  organization_key: rule.text,
  verified_token_cache_size: rule.count,
  token_cache_capacity: rule.count,
  ...CLAIMS_RULES,
  ...TOKEN_STORE_RULES,
  ...TRANSPORT_RULES,
};

const { vertical: _, ...B2B_RULES } = RULES;

/** One grant. */
export interface TokenArguments extends rule.Cancellable {
  /** The M2M client's id. */
  client_id: string;
  /** Its secret. */
  client_secret: string;
  /** The scopes to request. Default: all scopes of the client. */
  scopes?: readonly string[] | undefined;
  /** The services that the token is for, as absolute URIs (RFC 8707). Default: the server decides. */
  resource?: string | readonly string[] | undefined;
  /** The audience that the token is for, at servers that take this parameter. Default: the server decides. */
  audience?: string | undefined;
  /** Additional parameters, which a custom-claims template can read as `{{ request.name }}`. */
  extra?: Readonly<Record<string, string>> | undefined;
  /** Fetch a new token even if a cached one is fresh. */
  force_refresh?: boolean | undefined;
}

const TOKEN_RULES: rule.Rules<TokenArguments> = {
  client_id: rule.required(rule.text),
  client_secret: rule.required(rule.text),
  scopes: rule.texts,
  resource: rule.textOrTexts,
  audience: rule.text,
  extra: rule.textMap,
  force_refresh: rule.flag,
  signal: rule.signal,
};

/** A project's M2M API. */
export class M2M extends Verifying {
  /** Manages M2M clients. */
  readonly clients: Clients;
  readonly #native: Native.Client;
  readonly #verifier: Native.TokenVerifier;

  /** @internal */
  constructor(client: Native.Client, format: JsonFormat) {
    const verifier = unwrap(client.verifier());
    super(verifier, format);
    this.clients = new Clients(client);
    this.#native = client;
    this.#verifier = verifier;
  }

  /**
   * An access token by the client-credentials grant: from the cache while it is fresh, and with one
   * request for all concurrent callers.
   */
  async token(args: TokenArguments): Promise<Token> {
    rule.atMost(arguments.length);
    const { signal, resource, ...given } = rule.take(args, TOKEN_RULES);
    const request = resource === undefined ? given : { ...given, resource: [resource].flat() };
    signal?.throwIfAborted();
    const cached = this.#native.cachedToken(request);
    return toToken(cached ?? (await call(signal, (cancel) => this.#native.token(request, cancel))));
  }

  /** Says that a server refused a token: the next {@link token} that would have been it fetches. */
  invalidateToken(args: rule.RefusedToken): void {
    rule.atMost(arguments.length);
    const { access_token } = rule.take(args, rule.REFUSED_RULES);
    unwrap(this.#native.invalidateToken(access_token));
  }

  /** @internal */
  stats(): ClientStats {
    return unwrap(this.#native.stats());
  }

  /** @internal */
  close(): void {
    this.#native.close();
    this.#verifier.close();
  }
}

/** A client of a project's API. Making one does no I/O. */
export class Client {
  /** The project's M2M API. */
  readonly m2m: M2M;
  /** The project's id. */
  readonly project_id: string;

  /** What `settings` do not say, the environment does. */
  constructor(settings: ClientSettings = {}) {
    rule.atMost(arguments.length);
    const given = rule.take(settings, RULES);
    const filled = { ...environment('project_id', 'secret', 'base_url'), ...given };
    const client = unwrap(native.newClient(withSecrets(filled, 'secret')));
    this.m2m = new M2M(client, formatOf(given));
    this.project_id = unwrap(client.projectId());
  }

  /** What the caches did. */
  stats(): ClientStats {
    rule.atMost(arguments.length, 0);
    return this.m2m.stats();
  }

  /** Lets go of connections and caches. Calls under way end as they would; later ones throw. */
  close(): void {
    this.m2m.close();
  }
}

/** A client of a B2B project's API. */
export class B2BClient extends Client {
  /** As for {@link Client}. */
  constructor(settings: Omit<ClientSettings, 'vertical'> = {}) {
    rule.atMost(arguments.length);
    super({ ...rule.take<Omit<ClientSettings, 'vertical'>>(settings, B2B_RULES), vertical: 'b2b' });
  }
}
