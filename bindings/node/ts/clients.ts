// Manages M2M clients.

import * as rule from './arguments';
import { call, unwrap } from './call';
import { stringify, type JsonValue } from './json';
import type { Native } from './native';
import * as records from './records';
import { CLIENT_RULES, Secrets, type ClientArguments } from './secrets';

/** Your own data about a client: at most 20 top-level keys and 4 KB. */
export type TrustedMetadata = Readonly<Record<string, JsonValue | undefined>>;

/** What to create. */
export interface CreateArguments extends rule.Cancellable {
  /** The scopes that the client can request. */
  scopes: readonly string[];
  /** An id of your own, as for an import. Default: one that is made for you. */
  client_id?: string | undefined;
  /** A secret of your choice, at least 8 characters. Default: generated like `client_id`. */
  client_secret?: string | undefined;
  /** A display name. */
  client_name?: string | undefined;
  /** A description. */
  client_description?: string | undefined;
  /** Your own data. */
  trusted_metadata?: TrustedMetadata | undefined;
  /**
   * The organization that the client belongs to. It is stored in `trusted_metadata`, under the client's
   * `organization_key`, and counts in its limits. A template of the project's tokens takes it from there.
   */
  organization_id?: string | undefined;
  /**
   * Makes the call safe to repeat. A lost answer is resolved by looking the client up, and a client
   * that is there already, with this id, secret, name, scopes and organization, is a success too. Two
   * calls of yours make two clients, unless both name the same `client_id` and `client_secret`.
   */
  idempotent?: boolean | undefined;
}

/** What to change. What is not given stays as it is. */
export interface UpdateArguments extends ClientArguments {
  /** A new name. */
  client_name?: string | undefined;
  /** A new description. */
  client_description?: string | undefined;
  /** Activates or deactivates the client. */
  status?: records.ClientStatus | undefined;
  /** The new scopes, which replace all existing ones. */
  scopes?: readonly string[] | undefined;
  /** Merged at the top level; a key with the value `null` is removed. */
  trusted_metadata?: TrustedMetadata | undefined;
  /**
   * The new organization of the client. To remove it, set its key in `trusted_metadata` to `null`.
   * Existing tokens keep the old one until they expire.
   */
  organization_id?: string | undefined;
}

/** A filter takes a list, of which one value must match. */
export interface SearchOperand {
  /** The field. */
  filter_name: 'client_id' | 'client_name' | 'scopes';
  /** The values, compared exactly. */
  filter_value: readonly string[];
}

/** Filters and their operator. */
export interface SearchQuery {
  /** Whether all must hold or one. Default: `AND`. */
  operator?: 'AND' | 'OR' | undefined;
  /** The filters. */
  operands: readonly SearchOperand[];
}

/** Which clients to find: all, without a query. */
export interface SearchAllArguments extends rule.Cancellable {
  /** Clients per page, 1 to 1,000. Default: the server's, 100. */
  limit?: number | undefined;
  /** The condition. */
  query?: SearchQuery | undefined;
  /**
   * The organization whose clients to find. Stytch cannot filter by it, so this library does: it reads the
   * clients of the other organizations, too. A page has only those of its clients that belong to the
   * organization, perhaps none, and `total` is unknown. Pages then have 1,000 clients at Stytch, unless
   * `limit` is set.
   */
  organization_id?: string | undefined;
}

/** Which clients to find, and where to go on. */
export interface SearchArguments extends SearchAllArguments {
  /** The `next_cursor` of the previous page. Default: the first page. */
  cursor?: string | undefined;
}

const CREATE_RULES: rule.Rules<CreateArguments> = {
  scopes: rule.required(rule.texts),
  client_id: rule.text,
  client_secret: rule.text,
  client_name: rule.text,
  client_description: rule.text,
  trusted_metadata: rule.object,
  organization_id: rule.text,
  idempotent: rule.flag,
  signal: rule.signal,
};
const UPDATE_RULES: rule.Rules<UpdateArguments> = {
  ...CLIENT_RULES,
  client_name: rule.text,
  client_description: rule.text,
  status: rule.text,
  scopes: rule.texts,
  trusted_metadata: rule.object,
  organization_id: rule.text,
};
const SEARCH_ALL_RULES: rule.Rules<SearchAllArguments> = {
  limit: rule.count,
  query: rule.object,
  organization_id: rule.text,
  signal: rule.signal,
};
const SEARCH_RULES: rule.Rules<SearchArguments> = { ...SEARCH_ALL_RULES, cursor: rule.text };
const QUERY_RULES: rule.Rules<SearchQuery> = {
  operator: rule.text,
  operands: rule.required(rule.array),
};
const OPERAND_RULES: rule.Rules<SearchOperand> = {
  filter_name: rule.required(rule.text),
  filter_value: rule.required(rule.texts),
};

/** `given` with its metadata as the native module takes it. */
function withMetadata<T extends { trusted_metadata?: object | undefined }>(given: T) {
  const { trusted_metadata: metadata, ...rest } = given;
  if (metadata === undefined) return rest;
  return { ...rest, trusted_metadata: stringify('trusted_metadata', metadata) };
}

/** `given` with its query checked. */
function toSearchRequest(given: Omit<SearchArguments, 'signal'>): Native.SearchRequest {
  const { query: asked, ...rest } = given;
  if (asked === undefined) return rest as Native.SearchRequest;
  const { operands, ...query } = rule.take(asked, QUERY_RULES);
  const taken = operands.map((operand) => rule.take(operand, OPERAND_RULES));
  return { ...rest, query: { ...query, operands: taken } } as Native.SearchRequest;
}

/** The M2M clients of the project. Needs the project's secret. */
export class Clients {
  /** The rotation of their secrets. */
  readonly secrets: Secrets;
  readonly #native: Native.Client;

  /** @internal */
  constructor(client: Native.Client) {
    this.secrets = new Secrets(client);
    this.#native = client;
  }

  /** Creates a client and returns its secret. Stytch cannot show the secret again. */
  async create(args: CreateArguments): Promise<records.CreateResponse> {
    rule.atMost(arguments.length);
    const { signal, ...given } = rule.take(args, CREATE_RULES);
    const request = withMetadata(given) as Native.CreateRequest;
    return records.toCreateResponse(
      await call(signal, (cancel) => this.#native.create(request, cancel)),
    );
  }

  /** Reads one client. */
  async get(args: ClientArguments): Promise<records.ClientResponse> {
    rule.atMost(arguments.length);
    const { client_id, signal } = rule.take(args, CLIENT_RULES);
    return records.toClientResponse(
      await call(signal, (cancel) => this.#native.get(client_id, cancel)),
    );
  }

  /** Changes only the given fields. */
  async update(args: UpdateArguments): Promise<records.ClientResponse> {
    rule.atMost(arguments.length);
    const { client_id, signal, ...given } = rule.take(args, UPDATE_RULES);
    const request = withMetadata(given) as Native.UpdateRequest;
    return records.toClientResponse(
      await call(signal, (cancel) => this.#native.update(client_id, request, cancel)),
    );
  }

  /** Deletes a client. Its existing tokens stay valid until they expire. */
  async delete(args: ClientArguments): Promise<records.DeleteResponse> {
    rule.atMost(arguments.length);
    const { client_id, signal } = rule.take(args, CLIENT_RULES);
    return call(signal, (cancel) => this.#native.delete(client_id, cancel));
  }

  /** Finds clients; returns one page. */
  async search(args: SearchArguments = {}): Promise<records.SearchResponse> {
    rule.atMost(arguments.length);
    const { signal, ...given } = rule.take(args, SEARCH_RULES);
    const request = toSearchRequest(given);
    return records.toSearchResponse(
      await call(signal, (cancel) => this.#native.search(request, cancel)),
    );
  }

  /** Finds clients, page after page as `for await` asks for them. */
  searchAll(args: SearchAllArguments = {}): AsyncGenerator<records.M2MClient, void, undefined> {
    rule.atMost(arguments.length);
    const { signal, ...given } = rule.take(args, SEARCH_ALL_RULES);
    return every(unwrap(this.#native.searchAll(toSearchRequest(given))), signal);
  }
}

async function* every(
  search: Native.SearchAll,
  signal: AbortSignal | undefined,
): AsyncGenerator<records.M2MClient, void, undefined> {
  for (;;) {
    const { m2m_clients: page } = await call(signal, (cancel) => search.nextPage(cancel));
    if (page === null) return;
    for (const client of page) yield records.toClient(client);
  }
}
