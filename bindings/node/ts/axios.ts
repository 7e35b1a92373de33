/**
 * An access token on the requests of an axios instance.
 *
 * @module stytch-m2m/axios
 */

import * as rule from './arguments';
import { OUTGOING_RULES, OutgoingTokens, refusesToken, type OutgoingSettings } from './outgoing';

/** What {@link attachTokens} takes. */
export interface AttachTokensArguments extends OutgoingSettings {}

/** What a repetition is known by. A name and no symbol, for axios copies nothing else. */
const IS_REPETITION = 'stytchM2MRepetition';

/**
 * What is used of an axios instance. Not axios's own type, of which it has two that do not fit each
 * other, for `import` and for `require`.
 */
export interface AxiosInstance {
  /** Where a request with this configuration goes. */
  getUri(config?: any): string;
  /** Sends a request. */
  request(config: any): Promise<any>;
  /** What requests and answers pass through. */
  interceptors: {
    /** Those of requests. */
    request: Interceptors;
    /** Those of answers. */
    response: Interceptors;
  };
}

/** Either half of an instance's interceptors. */
export interface Interceptors {
  /** Adds one, and returns its number. */
  use(fulfilled: (value: any) => any, rejected?: (error: any) => any): number;
  /** Removes the one of this number. */
  eject(id: number): void;
}

interface Config {
  data?: unknown;
  signal?: unknown;
  headers: { get(name: string): unknown; set(name: string, value: string): unknown };
  [IS_REPETITION]?: boolean;
}

interface Answer {
  status: number;
  headers: Readonly<Record<string, unknown>>;
  config: Config;
}

/**
 * Sends an access token along with every request of `instance`, to the origins given alone. When the
 * server answers that the token is invalid, it asks for another and repeats the request once, unless
 * its body is a stream. Returns a function that takes all this back.
 */
export function attachTokens(instance: AxiosInstance, args: AttachTokensArguments): () => void {
  const tokens = new OutgoingTokens(rule.take(args, OUTGOING_RULES));

  const send = async (config: Config): Promise<Config> => {
    const token = await tokens.for(instance.getUri(config), signalOf(config));
    config.headers.set('authorization', `Bearer ${token}`);
    return config;
  };
  const repeated = async (answer: Answer | undefined): Promise<Answer | undefined> => {
    if (!answer || !refusesToken(answer.status, answer.headers['www-authenticate'])) return undefined;
    const { config } = answer;
    if (config[IS_REPETITION] || isStream(config.data)) return undefined;
    const refused = String(config.headers.get('authorization')).replace('Bearer ', '');
    const fresh = await tokens.inPlaceOf(refused, signalOf(config));
    if (fresh === undefined) return undefined;
    return instance.request({ ...config, [IS_REPETITION]: true });
  };

  const request = instance.interceptors.request.use(send);
  const response = instance.interceptors.response.use(
    async (answer: Answer) => (await repeated(answer)) ?? answer,
    async (error: { response?: Answer }) => {
      const answer = await repeated(error.response);
      if (answer === undefined) throw error;
      return answer;
    },
  );
  return () => {
    instance.interceptors.request.eject(request);
    instance.interceptors.response.eject(response);
  };
}

function signalOf({ signal }: Config): AbortSignal | undefined {
  return rule.signal.holds(signal) ? (signal as AbortSignal) : undefined;
}

function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && ('pipe' in body || Symbol.asyncIterator in body);
}
