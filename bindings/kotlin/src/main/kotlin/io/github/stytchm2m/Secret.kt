package io.github.stytchm2m

import java.security.MessageDigest

/**
 * A secret: a client secret, a project secret or an access token.
 *
 * It prints as `[REDACTED]`, compares in constant time, and is passed over by serializers that read
 * fields. The JVM may keep copies of it in memory for as long as it likes. As a [SecretSource], it never changes.
 */
public class Secret(value: String) : SecretSource {
    @Transient
    private val value: String = value

    /** The secret in plain text. Do not log it. */
    public fun reveal(): String = value

    override fun equals(other: Any?): Boolean =
        other is Secret && MessageDigest.isEqual(value.toByteArray(), other.value.toByteArray())

    override fun hashCode(): Int = value.hashCode()

    override fun toString(): String = "[REDACTED]"
}
