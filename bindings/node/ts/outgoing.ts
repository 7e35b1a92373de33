// What the plugs of HTTP clients share: where tokens may go, and when a request is repeated.

import * as rule from './arguments';
import { unwrap } from './call';
import { native, type Native } from './native';
import type { TokenSource } from './source';

/** What every way of sending tokens along takes. */
export interface OutgoingSettings {
  /** Where the tokens come from. */
  source: Pick<TokenSource, 'getToken' | 'invalidate'>;
  /**
   * The origins that may see the tokens, such as `https://api.example.com`: https, or http on
   * loopback. Requests to other origins are sent without a token.
   */
  origins: readonly string[];
}

export const OUTGOING_RULES: rule.Rules<OutgoingSettings> = {
  source: rule.required(rule.object),
  origins: rule.required(rule.texts),
};

/** An answer to a request that carried a token. */
export interface Answer {
  /** Where it comes from, after redirects. */
  url: string;
  status: number;
  /** Its `WWW-Authenticate` headers: none, one, or several. */
  challenges: string | readonly string[] | null | undefined;
}

/** Tokens for requests to some origins. */
export class OutgoingTokens {
  readonly #source: OutgoingSettings['source'];
  readonly #origins: Native.Origins;

  constructor({ source, origins }: OutgoingSettings) {
    this.#source = source;
    this.#origins = unwrap(native.newOrigins([...origins]));
  }

  /** Whether a request to `url` may carry a token. */
  allows(url: string): boolean {
    return this.#origins.allows(url);
  }

  /** The token for a request to `url`; `undefined` where the request goes without. */
  async for(url: string, signal?: AbortSignal): Promise<string | undefined> {
    if (!this.allows(url)) return undefined;
    return (await this.#source.getToken({ signal })).access_token;
  }

  /** Whether `answer` says that the token is invalid, and comes from an origin that was named. */
  isRefusal({ url, status, challenges }: Answer): boolean {
    // An opaque answer has the status 0.
    return native.refusesToken(status, [challenges ?? []].flat()) && this.allows(url);
  }

  /** The token to repeat a request with, whose token was `refused`; `undefined` for none. */
  async inPlaceOf(refused: string, signal?: AbortSignal): Promise<string | undefined> {
    this.#source.invalidate({ access_token: refused });
    const { access_token } = await this.#source.getToken({ signal });
    return access_token === refused ? undefined : access_token;
  }
}

/** Whether `body` can be read only once. */
export function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && ('pipe' in body || Symbol.asyncIterator in body);
}
