/**
 * An access token on the requests of an axios instance.
 *
 * @module stytch-m2m/axios
 */

import type { Readable } from 'node:stream';

import * as rule from './arguments';
import { OUTGOING_RULES, OutgoingTokens, isStream, type OutgoingSettings } from './outgoing';

/** What {@link attachTokens} takes. */
export interface AttachTokensArguments extends OutgoingSettings {}

/**
 * What is used of an axios instance. Not axios's own type, of which it has two that do not fit each
 * other, for `import` and for `require`.
 */
export interface AxiosInstance {
  /** An instance with the same settings, and interceptors of its own. */
  create(config?: any): any;
  /** What requests pass through. */
  interceptors: {
    /** Those of requests. */
    request: Interceptors;
  };
}

/** An instance's interceptors of requests. */
export interface Interceptors {
  /** Adds one, and returns its number. */
  use(fulfilled: (value: any) => any, rejected?: (error: any) => any): number;
  /** Removes the one of this number. */
  eject(id: number): void;
}

/** What sends a configuration as it is. */
interface Wire {
  readonly defaults: Record<string, unknown>;
  getUri(config: Config): string;
  request(config: Config): Promise<Answer>;
}

type Adapter = (config: Config) => Promise<Answer>;

interface Config {
  adapter?: unknown;
  auth?: unknown;
  beforeRedirect?: (...args: unknown[]) => void;
  data?: unknown;
  signal?: unknown;
  headers: { get(name: string): unknown };
}

interface Answer {
  status: number;
  headers: Readonly<Record<string, unknown>>;
  data: unknown;
  config: Config;
  request?: { res?: { responseUrl?: string } };
}

/** What follow-redirects is about to send. */
interface Hop {
  protocol: string;
  hostname: string;
  port?: string | number | null;
  headers: Record<string, unknown>;
}

/**
 * Sends an access token along with every request of `instance`, to the origins given alone; a request
 * that has an `Authorization` header already keeps it. When the server answers that the token is
 * invalid, it asks for another and repeats the request once, unless its body is a stream or it was
 * redirected. Returns a function that takes all this back.
 */
export function attachTokens(instance: AxiosInstance, args: AttachTokensArguments): () => void {
  rule.atMost(arguments.length, 2);
  const tokens = new OutgoingTokens(rule.take(args, OUTGOING_RULES));
  const wire = bare(instance);
  const wrapped = new WeakSet<object>();

  // Interceptors, a base URL and transformers may all change where a request goes. They are through
  // when the adapter is called.
  const wrap = (adapter: unknown): Adapter => {
    const authorized: Adapter = async (config) => {
      const url = wire.getUri(config);
      const signal = signalOf(config);
      const token = hasOwnAuthorization(config) ? undefined : await tokens.for(url, signal);
      if (token === undefined) return send(wire, config, { adapter });
      let isRedirected = false;
      const sendWith = (token: string) => {
        const headers = { ...config.headers, Authorization: `Bearer ${token}` };
        const atHop = redirecting(tokens, token, config.beforeRedirect);
        const beforeRedirect = (...hop: Parameters<typeof atHop>) => {
          isRedirected = true;
          atHop(...hop);
        };
        return settle(send(wire, config, { adapter, headers, beforeRedirect }));
      };
      const first = await sendWith(token);
      // The first server has taken a request that it redirects.
      const isFinal = isRedirected || isStream(config.data);
      if (isFinal || !isRefusal(tokens, url, first.answer)) return first.give();
      const fresh = await tokens.inPlaceOf(token, signal);
      if (fresh === undefined) return first.give();
      // Of use where the answer is a stream.
      (first.answer?.data as Partial<Readable> | null | undefined)?.destroy?.();
      return (await sendWith(fresh)).give();
    };
    wrapped.add(authorized);
    return authorized;
  };

  const number = instance.interceptors.request.use((config: Config) => {
    const { adapter } = config;
    // Of a configuration that is sent once more, as axios-retry does.
    const isWrapped = typeof adapter === 'function' && wrapped.has(adapter);
    if (!isWrapped) config.adapter = wrap(adapter);
    return config;
  });
  return () => instance.interceptors.request.eject(number);
}

/**
 * An instance without configuration of its own, because axios finds adapters by name only for its
 * instances.
 */
function bare(instance: AxiosInstance): Wire {
  const wire = instance.create() as Wire;
  for (const name of Object.keys(wire.defaults)) delete wire.defaults[name];
  wire.defaults['headers'] = {};
  return wire;
}

/** Sends a configuration that is ready, and says of the outcome that it is this one's. */
async function send(wire: Wire, config: Config, changes: object): Promise<Answer> {
  const asItIs = (data: unknown) => data;
  const done = { transformRequest: asItIs, transformResponse: asItIs };
  try {
    const answer = await wire.request({ ...config, ...done, ...changes });
    return Object.assign(answer, { config });
  } catch (error) {
    const { response, ...rest } = error as { response?: Answer; config?: Config };
    if (response) response.config = config;
    if (rest.config) (error as { config: Config }).config = config;
    throw error;
  }
}

/** The answer, be it a result or an exception, and how to give it to the caller. */
async function settle(sent: Promise<Answer>): Promise<{ answer?: Answer | undefined; give: () => Answer }> {
  try {
    const answer = await sent;
    return { answer, give: () => answer };
  } catch (error) {
    const { response: answer } = error as { response?: Answer };
    const give = () => {
      throw error;
    };
    return { answer, give };
  }
}

function isRefusal(tokens: OutgoingTokens, url: string, answer: Answer | undefined): boolean {
  if (answer === undefined) return false;
  const { status, headers, request } = answer;
  const challenges = headers['www-authenticate'] as string | string[] | undefined;
  return tokens.isRefusal({ url: request?.res?.responseUrl ?? url, status, challenges });
}

/** What takes the token off a redirect to another origin: axios keeps it for subdomains. */
function redirecting(tokens: OutgoingTokens, token: string, before: Config['beforeRedirect']) {
  const value = `Bearer ${token}`;
  return (hop: Hop, ...details: unknown[]) => {
    before?.(hop, ...details);
    const { protocol, hostname, port, headers } = hop;
    const host = hostname.includes(':') ? `[${hostname}]` : hostname;
    const name = Object.keys(headers).find((name) => name.toLowerCase() === 'authorization');
    if (tokens.allows(`${protocol}//${host}${port ? `:${port}` : ''}/`)) {
      if (name === undefined) headers['Authorization'] = value;
    } else if (name !== undefined && headers[name] === value) {
      delete headers[name];
    }
  };
}

/** `auth` too makes such a header, and `false` is axios's word for none. */
function hasOwnAuthorization({ headers, auth }: Config): boolean {
  return (headers.get('authorization') ?? auth ?? undefined) !== undefined;
}

function signalOf({ signal }: Config): AbortSignal | undefined {
  return rule.signal.holds(signal) ? (signal as AbortSignal) : undefined;
}

/**
 * This is CommonJS without a default export. Bundlers go by the marker, and so do types: a default
 * import, which would be undefined there, does not compile.
 *
 * @hidden
 */
export declare const __esModule: true;
