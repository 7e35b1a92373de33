package io.github.stytchm2m.blocking

import io.github.stytchm2m.ClientResponse
import io.github.stytchm2m.M2mSecrets
import io.github.stytchm2m.RotateStartResponse
import io.github.stytchm2m.Secret
import java.util.function.Consumer

/** [M2mSecrets] for Java. */
public class BlockingSecrets internal constructor(private val secrets: M2mSecrets) {
    /** As [M2mSecrets.rotateStart]. */
    public fun rotateStart(clientId: String): RotateStartResponse =
        blocking { secrets.rotateStart(clientId) }

    /** As [M2mSecrets.rotate]. */
    public fun rotate(clientId: String): ClientResponse =
        blocking { secrets.rotate(clientId) }

    /** As [M2mSecrets.rotateCancel]. */
    public fun rotateCancel(clientId: String): ClientResponse =
        blocking { secrets.rotateCancel(clientId) }

    /** As [M2mSecrets.recoverRotation]. */
    public fun recoverRotation(clientId: String): RotateStartResponse =
        blocking { secrets.recoverRotation(clientId) }

    /** As [M2mSecrets.rotateFinish]. */
    public fun rotateFinish(clientId: String, nextClientSecret: Secret): ClientResponse =
        blocking { secrets.rotateFinish(clientId, nextClientSecret) }

    /** As [M2mSecrets.rotateWith]. Exceptions of [store] are passed on. */
    public fun rotateWith(clientId: String, store: Consumer<Secret>): ClientResponse =
        blocking { secrets.rotateWith(clientId) { next -> store.accept(next) } }
}
