package io.github.stytchm2m.futures

import io.github.stytchm2m.ClientResponse
import io.github.stytchm2m.M2mSecrets
import io.github.stytchm2m.RotateStartResponse
import io.github.stytchm2m.Secret
import kotlinx.coroutines.future.await
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionStage
import java.util.function.Function

/** [M2mSecrets] for Java. */
public class FutureSecrets internal constructor(private val secrets: M2mSecrets) {
    /** As [M2mSecrets.rotateStart]. */
    public fun rotateStart(clientId: String): CompletableFuture<RotateStartResponse> =
        futureOf { secrets.rotateStart(clientId) }

    /** As [M2mSecrets.rotate]. */
    public fun rotate(clientId: String): CompletableFuture<ClientResponse> =
        futureOf { secrets.rotate(clientId) }

    /** As [M2mSecrets.rotateCancel]. */
    public fun rotateCancel(clientId: String): CompletableFuture<ClientResponse> =
        futureOf { secrets.rotateCancel(clientId) }

    /** As [M2mSecrets.recoverRotation]. */
    public fun recoverRotation(clientId: String): CompletableFuture<RotateStartResponse> =
        futureOf { secrets.recoverRotation(clientId) }

    /** As [M2mSecrets.rotateFinish]. */
    public fun rotateFinish(clientId: String, nextClientSecret: Secret): CompletableFuture<ClientResponse> =
        futureOf { secrets.rotateFinish(clientId, nextClientSecret) }

    /** As [M2mSecrets.rotateWith]. What [store] throws, or its stage fails with, the future fails with. */
    public fun rotateWith(
        clientId: String,
        store: Function<Secret, out CompletionStage<*>>,
    ): CompletableFuture<ClientResponse> =
        futureApart { secrets.rotateWith(clientId) { next -> store.apply(next).await() } }
}
