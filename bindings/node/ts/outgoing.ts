import * as rule from './arguments';
import { invalidConfig } from './errors';
import type { TokenSource } from './source';

/** What every way of sending tokens along takes. */
export interface OutgoingSettings {
  /** Where the tokens come from. */
  source: Pick<TokenSource, 'getToken' | 'invalidate'>;
  /** The origins that may see them, such as `https://api.example.com`. Others are refused. */
  origins: readonly string[];
}

export const OUTGOING_RULES: rule.Rules<OutgoingSettings> = {
  source: rule.required(rule.object),
  origins: rule.required(rule.texts),
};

/** Tokens for requests to some origins. */
export class OutgoingTokens {
  readonly #source: OutgoingSettings['source'];
  readonly #origins: ReadonlySet<string>;

  constructor({ source, origins }: OutgoingSettings) {
    this.#source = source;
    this.#origins = new Set(origins.map(toOrigin));
  }

  /** The token for a request to `url`. */
  async for(url: string | URL, signal?: AbortSignal): Promise<string> {
    if (!URL.canParse(url.toString()) || !this.#origins.has(new URL(url).origin)) {
      throw invalidConfig('origins', 'origins do not name the origin of this request');
    }
    return (await this.#source.getToken({ signal })).access_token;
  }

  /** The token for the repetition of a request whose token was `refused`; `undefined` for none. */
  async inPlaceOf(refused: string, signal?: AbortSignal): Promise<string | undefined> {
    this.#source.invalidate({ access_token: refused });
    const { access_token } = await this.#source.getToken({ signal });
    return access_token === refused ? undefined : access_token;
  }
}

/** Whether an answer says that the token is invalid (RFC 6750, section 3.1). */
export function refusesToken(status: number, challenge: unknown): boolean {
  return status === 401 && /\bbearer\b.*\berror="?invalid_token\b/i.test(String(challenge));
}

function toOrigin(text: string): string {
  const { origin } = URL.canParse(text) ? new URL(text) : { origin: 'null' };
  if (origin === text.replace(/\/$/, '')) return origin;
  throw invalidConfig('origins', 'origins must be like https://api.example.com, without a path');
}
