package io.github.stytchm2m

import io.github.stytchm2m.internal.NativeClient
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.withContext

/** Rotation of a client's secret in two phases: both secrets work until the rotation ends. */
public class M2mSecrets internal constructor(private val native: Handle<NativeClient>) {
    /**
     * Starts a rotation. The answer is the only sight of the next secret, and both work from now.
     *
     * @throws M2mException.Conflict when a rotation is under way.
     * @throws M2mException.OutcomeUnknown when the answer was lost; then [recoverRotation] helps.
     */
    public suspend fun rotateStart(clientId: String): RotateStartResponse =
        native.await { it.rotateStart(clientId, null) }.toPublic()

    /**
     * Ends a rotation without proof: the next secret becomes the only one, whichever it is.
     *
     * @throws M2mException.Conflict when none is under way.
     * @throws M2mException.OutcomeUnknown when the answer was lost.
     */
    public suspend fun rotate(clientId: String): ClientResponse =
        native.await { it.rotate(clientId, null) }.toPublic()

    /**
     * Cancels a rotation: the next secret stops working, and the current one stays. Call it only while nothing uses the
     * next secret.
     *
     * @throws M2mException.Conflict when no rotation is under way.
     */
    public suspend fun rotateCancel(clientId: String): ClientResponse =
        native.await { it.rotateCancel(clientId, null) }.toPublic()

    /**
     * Starts a rotation after cancelling any rotation in progress, such as one whose next secret was lost with the
     * response. The current secret works throughout.
     *
     * @throws M2mException.OutcomeUnknown when this answer was lost too: call it again.
     */
    public suspend fun recoverRotation(clientId: String): RotateStartResponse =
        native.await { it.recoverRotation(clientId, null) }.toPublic()

    /**
     * Ends a rotation after proof: compares the secret with the client's `nextClientSecretLastFour`,
     * fetches a token with it, and makes it the only one. A lost answer is resolved by looking the
     * client up. May be called again: a rotation that has ended with this secret is a success.
     *
     * Nothing is ever cancelled: after an exception, of the proof too, both secrets go on working, and
     * its [M2mException.recovery] says how to go on.
     *
     * @throws M2mException.Conflict when this is the current secret, or when the rotation was cancelled
     *   or replaced.
     * @throws M2mException.OutcomeUnknown when it cannot be told whether it ended.
     */
    public suspend fun rotateFinish(clientId: String, nextClientSecret: Secret): ClientResponse =
        native.await { it.rotateFinish(clientId, nextClientSecret.toNative(), null) }.toPublic()

    /**
     * A whole rotation: hands the next secret to [store], proves it by fetching a token, and makes it
     * the only one. At no moment is the client without a working secret: [store] should therefore keep
     * the current one beside the next until this returns.
     *
     * If [store] throws, the rotation is cancelled: the current secret stays. What fails after [store]
     * cancels nothing: the rotation stays under way, both secrets work, and [rotateFinish] goes on, as
     * [M2mException.recovery] says.
     *
     * Throws what [store] threw, unchanged, or what [rotateStart] and [rotateFinish] throw.
     */
    public suspend fun rotateWith(clientId: String, store: suspend (next: Secret) -> Unit): ClientResponse {
        val next = rotateStart(clientId).m2mClient.nextClientSecret
        try {
            store(next)
        } catch (error: Throwable) {
            // Also when the coroutine was cancelled.
            withContext(NonCancellable) { runCatching { rotateCancel(clientId) } }
                .onFailure(error::addSuppressed)
            throw error
        }
        return rotateFinish(clientId, next)
    }
}
