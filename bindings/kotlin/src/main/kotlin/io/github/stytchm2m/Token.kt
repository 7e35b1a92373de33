package io.github.stytchm2m

import java.time.Duration
import java.time.Instant
import kotlin.reflect.KProperty0

/**
 * An access token.
 *
 * @property accessToken The access token.
 * @property tokenType `bearer`, in the server's spelling.
 * @property expiresIn How long until it expires, counted from now and not from when it was fetched.
 * @property expiresAt When the token expires.
 * @property grantedScopes The granted scopes, if the server returns them (RFC 6749, section 5.1).
 * @property requestId The server's id of the request that fetched the token.
 * @property statusCode The HTTP status of that request.
 */
public class Token internal constructor(
    public val accessToken: Secret,
    public val tokenType: String,
    public val expiresIn: Duration,
    public val expiresAt: Instant,
    public val grantedScopes: List<String>?,
    public val requestId: String?,
    public val statusCode: Int,
) : M2mRecord() {
    /** The value of an `Authorization` header: `Bearer ...`. */
    public fun authorizationHeader(): Secret = Secret("Bearer ${accessToken.reveal()}")

    internal override fun fields(): List<KProperty0<*>> =
        listOf(
            ::accessToken,
            ::tokenType,
            ::expiresIn,
            ::expiresAt,
            ::grantedScopes,
            ::requestId,
            ::statusCode,
        )
}
