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
    /** Manages M2M clients. */
    public val clients: M2mClients = M2mClients(native)

    /**
     * An access token by the client-credentials grant (RFC 6749, section 4.4): from the cache while it is fresh, and
     * with one request for all concurrent callers.
     *
     * @param scopes The scopes to request. Empty: all scopes of the client.
     * @param audience The `audience` parameter, which some servers need.
     * @param resource The resources that the token is for, as URLs (RFC 8707).
     * @param extra Further parameters, which a custom-claims template can read.
     * @param forceRefresh Fetch a new token even if a cached one is fresh.
     * @throws M2mException.Authentication when the credentials are wrong, or the client is inactive.
     * @throws M2mException.InvalidRequest when the client does not have a scope.
     */
    public suspend fun token(
        clientId: String,
        clientSecret: Secret,
        scopes: List<String> = emptyList(),
        audience: String? = null,
        resource: List<String> = emptyList(),
        extra: Map<String, String> = emptyMap(),
        forceRefresh: Boolean = false,
    ): Token {
        val request = GrantRequest(clientId, clientSecret.toNative(), scopes, resource, audience, extra, forceRefresh)
        return (native.call { it.cachedToken(request) } ?: native.await { it.token(request, null) }).toPublic()
    }

    /**
     * Marks [accessToken] as refused by a server: the next call of [token] that would return it fetches a new one.
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
        organization: RequiredOrganization? = null,
        authorize: Authorize? = null,
    ): TokenClaims =
        verifier.authenticateToken(accessToken, requiredScopes, maxTokenAge, clockTolerance, organization, authorize)

    /** Fetches the key set unless it is cached, so that the first token does not have to wait. */
    public suspend fun warmUp(): Unit = verifier.warmUp()
}
