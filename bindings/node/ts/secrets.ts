// The rotation of a client's secret.

import * as rule from './arguments';
import { call } from './call';
import type { Native } from './native';
import * as records from './records';

/** Which client. */
export interface ClientArguments extends rule.Cancellable {
  /** Its id. */
  client_id: string;
}

/** How to end a rotation. */
export interface RotateFinishArguments extends ClientArguments {
  /** What {@link Secrets.rotateStart} answered. */
  next_client_secret: string;
}

/** How to rotate. */
export interface RotateWithArguments extends ClientArguments {
  /** Keeps the next secret where the client will find it. May be async. */
  store: (next_client_secret: string) => unknown;
}

export const CLIENT_RULES: rule.Rules<ClientArguments> = {
  client_id: rule.required(rule.text),
  signal: rule.signal,
};
const FINISH_RULES: rule.Rules<RotateFinishArguments> = {
  ...CLIENT_RULES,
  next_client_secret: rule.required(rule.text),
};
const WITH_RULES: rule.Rules<RotateWithArguments> = {
  ...CLIENT_RULES,
  store: rule.required(rule.callback),
};

function stillUnderWay(client_id: string, cause: Error): void {
  const warning = `the rotation of ${client_id} is still under way, and both secrets work: ${cause.message}`;
  process.emitWarning(warning, 'StytchM2MWarning');
}

/** Rotation of a client's secret in two phases: both secrets work until the rotation ends. */
export class Secrets {
  readonly #native: Native.Client;

  /** @internal */
  constructor(client: Native.Client) {
    this.#native = client;
  }

  /**
   * A whole rotation: hands the next secret to `store`, proves it by fetching a token, and makes it
   * the only one. At no moment is the client without a working secret: `store` should keep the
   * current one beside the next until this returns.
   *
   * If `store` fails, the rotation is cancelled, the current secret stays, and what `store` threw is
   * thrown. What fails after `store`, an abort included, cancels nothing: the rotation stays under
   * way, both secrets work, and {@link rotateFinish} goes on, as the error's `recovery` says.
   */
  async rotateWith(args: RotateWithArguments): Promise<records.ClientResponse> {
    rule.atMost(arguments.length);
    const { client_id, store, signal } = rule.take(args, WITH_RULES);
    const { m2m_client } = await this.rotateStart({ client_id, signal });
    const { next_client_secret } = m2m_client;
    try {
      await store(next_client_secret);
    } catch (error) {
      // What the caller should hear of is `error`.
      await this.rotateCancel({ client_id }).catch((cause: Error) => stillUnderWay(client_id, cause));
      throw error;
    }
    return this.rotateFinish({ client_id, next_client_secret, signal });
  }

  /** Starts a rotation. The answer is the only sight of the next secret. */
  async rotateStart(args: ClientArguments): Promise<records.RotateStartResponse> {
    rule.atMost(arguments.length);
    const { client_id, signal } = rule.take(args, CLIENT_RULES);
    return records.toRotateStartResponse(
      await call(signal, (cancel) => this.#native.rotateStart(client_id, cancel)),
    );
  }

  /**
   * Starts a rotation even if one is under way: a rotation whose secret was lost with the answer is
   * cancelled first. The current secret works throughout.
   */
  async recoverRotation(args: ClientArguments): Promise<records.RotateStartResponse> {
    rule.atMost(arguments.length);
    const { client_id, signal } = rule.take(args, CLIENT_RULES);
    return records.toRotateStartResponse(
      await call(signal, (cancel) => this.#native.recoverRotation(client_id, cancel)),
    );
  }

  /**
   * Ends a rotation after proof: compares the secret with the client's
   * `next_client_secret_last_four`, fetches a token with it, and makes it the only one.
   *
   * Nothing is ever cancelled: after an error both secrets go on working, and its `recovery` says how
   * to go on. May be called again: a rotation that has ended with this secret is a success. The
   * current secret, or one of another rotation, is a `ConflictError`.
   */
  async rotateFinish(args: RotateFinishArguments): Promise<records.ClientResponse> {
    rule.atMost(arguments.length);
    const { client_id, next_client_secret: next, signal } = rule.take(args, FINISH_RULES);
    return records.toClientResponse(
      await call(signal, (cancel) => this.#native.rotateFinish(client_id, next, cancel)),
    );
  }

  /** Ends a rotation without proof: the next secret becomes the only one, whichever it is. */
  async rotate(args: ClientArguments): Promise<records.ClientResponse> {
    rule.atMost(arguments.length);
    const { client_id, signal } = rule.take(args, CLIENT_RULES);
    return records.toClientResponse(
      await call(signal, (cancel) => this.#native.rotate(client_id, cancel)),
    );
  }

  /**
   * Cancels a rotation: the next secret stops working, and the current one stays. Call it only
   * while nothing uses the next secret.
   */
  async rotateCancel(args: ClientArguments): Promise<records.ClientResponse> {
    rule.atMost(arguments.length);
    const { client_id, signal } = rule.take(args, CLIENT_RULES);
    return records.toClientResponse(
      await call(signal, (cancel) => this.#native.rotateCancel(client_id, cancel)),
    );
  }
}
