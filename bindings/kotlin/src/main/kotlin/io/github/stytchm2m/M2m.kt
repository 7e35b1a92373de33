package io.github.stytchm2m

import io.github.stytchm2m.internal.GrantRequest
import io.github.stytchm2m.internal.NativeClient
import java.time.Duration

/** Machine-to-machine authentication of one project. */
public class M2m internal constructor(
    private val native: Handle<NativeClient>,
    /** Verification alone: its keys, their health. Closed with the client. */
    public val verifier: TokenVerifier,
) {
    /** Management of M2M clients. */
    public val clients: M2mClients = M2mClients(native)

    /**
     * An access token by the client-credentials grant (RFC 6749, section 4.4): from the cache while
     * it is fresh, and with one request however many ask at once.
     *
     * @param scopes The scopes to ask for. Empty: all that the client has.
     * @param extra Further parameters, which a custom-claims template can read.
     * @param forceRefresh Ask the server even if a cached token is fresh.
     * @throws M2mException.Authentication when the credentials are wrong, or the client is inactive.
     * @throws M2mException.InvalidRequest when the client does not have a scope.
     */
    public suspend fun token(
        clientId: String,
        clientSecret: Secret,
        scopes: List<String> = emptyList(),
        extra: Map<String, String> = emptyMap(),
        forceRefresh: Boolean = false,
    ): Token {
        val request = GrantRequest(clientId, clientSecret.toNative(), scopes, extra, forceRefresh)
        return (native.call { it.cachedToken(request) } ?: native.await { it.token(request, null) }).toPublic()
    }

    /**
     * Says that a server refused [accessToken]: the next [token] that would have returned it fetches
     * another.
     */
    public fun invalidateToken(accessToken: Secret): Unit =
        native.call { it.invalidateToken(accessToken.reveal()) }

    /**
     * Verifies an access token of this project.
     *
     * @see TokenVerifier.authenticateToken
     */
    public suspend fun authenticateToken(
        accessToken: Secret,
        requiredScopes: List<String> = emptyList(),
        maxTokenAge: Duration? = null,
        clockTolerance: Duration = Duration.ZERO,
        authorize: Authorize? = null,
    ): TokenClaims = verifier.authenticateToken(accessToken, requiredScopes, maxTokenAge, clockTolerance, authorize)

    /** Fetches the key set unless it is at hand, so that the first token need not wait. */
    public suspend fun warmUp(): Unit = verifier.warmUp()
}
