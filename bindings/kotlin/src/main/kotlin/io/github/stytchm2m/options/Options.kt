package io.github.stytchm2m.options

import io.github.stytchm2m.ClientResponse
import io.github.stytchm2m.ClientStatus
import io.github.stytchm2m.CreateResponse
import io.github.stytchm2m.M2m
import io.github.stytchm2m.M2mClients
import io.github.stytchm2m.RequiredOrganization
import io.github.stytchm2m.SearchQuery
import io.github.stytchm2m.SearchResponse
import io.github.stytchm2m.Secret
import io.github.stytchm2m.Token
import io.github.stytchm2m.TokenClaims
import io.github.stytchm2m.TokenVerifier
import java.time.Duration
import java.util.function.BiPredicate
import java.util.function.Consumer

/** What [M2m.token] may be given besides the credential, for Java. */
public class TokenOptions internal constructor() {
    private var scopes: List<String> = emptyList()
    private var audience: String? = null
    private var resource: List<String> = emptyList()
    private var extra: Map<String, String> = emptyMap()
    private var forceRefresh = false

    /** The scopes to request. Default: all scopes of the client. */
    public fun scopes(scopes: List<String>): TokenOptions = apply { this.scopes = scopes }

    /** The scopes to request. Default: all scopes of the client. */
    public fun scopes(vararg scopes: String): TokenOptions = scopes(scopes.asList())

    /** The `audience` parameter, which some servers need. */
    public fun audience(audience: String?): TokenOptions = apply { this.audience = audience }

    /** The resources that the token is for, as URLs (RFC 8707). */
    public fun resource(resource: List<String>): TokenOptions = apply { this.resource = resource }

    /** Further parameters, which a custom-claims template can read. */
    public fun extra(extra: Map<String, String>): TokenOptions = apply { this.extra = extra }

    /** Whether to ask the server even if a cached token is fresh. Default: no. */
    public fun forceRefresh(forceRefresh: Boolean): TokenOptions = apply { this.forceRefresh = forceRefresh }

    internal suspend fun call(m2m: M2m, clientId: String, clientSecret: Secret): Token =
        m2m.token(clientId, clientSecret, scopes, audience, resource, extra, forceRefresh)
}

/** What [TokenVerifier.authenticateToken] may be given besides the token, for Java. */
public class AuthenticateOptions internal constructor() {
    private var requiredScopes: List<String> = emptyList()
    private var maxTokenAge: Duration? = null
    private var clockTolerance: Duration = Duration.ZERO
    private var authorize: BiPredicate<TokenClaims, List<String>>? = null
    private var organization: RequiredOrganization? = null

    /** Whether a user's function, which may wait, is called. */
    internal val asksUser: Boolean get() = authorize != null

    /** Scopes that the token must grant; all are required. Default: none. */
    public fun requiredScopes(requiredScopes: List<String>): AuthenticateOptions =
        apply { this.requiredScopes = requiredScopes }

    /** Scopes that the token must grant; all are required. Default: none. */
    public fun requiredScopes(vararg requiredScopes: String): AuthenticateOptions =
        requiredScopes(requiredScopes.asList())

    /** Refuses tokens this old or older. */
    public fun maxTokenAge(age: Duration?): AuthenticateOptions = apply { maxTokenAge = age }

    /** The allowed difference between the clocks, up to 5 minutes. Default: 0. */
    public fun clockTolerance(tolerance: Duration): AuthenticateOptions = apply { clockTolerance = tolerance }

    /**
     * A replacement for the scope comparison, called with the claims and the required scopes. Its exceptions are passed
     * on.
     */
    public fun authorize(authorize: BiPredicate<TokenClaims, List<String>>?): AuthenticateOptions =
        apply { this.authorize = authorize }

    /** The organization that the token must belong to. Default: not checked. */
    public fun organization(organization: RequiredOrganization?): AuthenticateOptions = apply { this.organization = organization }

    internal suspend fun call(verifier: TokenVerifier, accessToken: Secret): TokenClaims =
        verifier.authenticateToken(
            accessToken,
            requiredScopes,
            maxTokenAge,
            clockTolerance,
            organization,
            authorize?.let { decide -> { claims, required -> decide.test(claims, required) } },
        )
}

/** What [M2mClients.create] may be given besides the scopes, for Java. */
public class CreateOptions internal constructor() {
    private var clientId: String? = null
    private var clientSecret: Secret? = null
    private var clientName: String? = null
    private var clientDescription: String? = null
    private var trustedMetadata: String? = null
    private var organizationId: String? = null
    private var idempotent: Boolean = false

    /** An id of your own. */
    public fun clientId(clientId: String?): CreateOptions = apply { this.clientId = clientId }

    /** A secret of your own. */
    public fun clientSecret(clientSecret: Secret?): CreateOptions = apply { this.clientSecret = clientSecret }

    /** A display name. */
    public fun clientName(clientName: String?): CreateOptions = apply { this.clientName = clientName }

    /** A description. */
    public fun clientDescription(clientDescription: String?): CreateOptions = apply { this.clientDescription = clientDescription }

    /** Your own data, as the text of a JSON object. */
    public fun trustedMetadata(trustedMetadata: String?): CreateOptions = apply { this.trustedMetadata = trustedMetadata }

    /** The organization that the client belongs to. */
    public fun organizationId(organizationId: String?): CreateOptions = apply { this.organizationId = organizationId }

    /** Whether the call is made safe to repeat. */
    public fun idempotent(idempotent: Boolean): CreateOptions = apply { this.idempotent = idempotent }

    internal suspend fun call(clients: M2mClients, scopes: List<String>): CreateResponse =
        clients.create(scopes, clientId, clientSecret, clientName, clientDescription, trustedMetadata, organizationId, idempotent)
}

/** What [M2mClients.update] changes, for Java. */
public class UpdateOptions internal constructor() {
    private var clientName: String? = null
    private var clientDescription: String? = null
    private var status: ClientStatus? = null
    private var scopes: List<String>? = null
    private var trustedMetadata: String? = null
    private var organizationId: String? = null

    /** A new name. */
    public fun clientName(clientName: String?): UpdateOptions = apply { this.clientName = clientName }

    /** A new description. */
    public fun clientDescription(clientDescription: String?): UpdateOptions = apply { this.clientDescription = clientDescription }

    /** Activates or deactivates the client. */
    public fun status(status: ClientStatus?): UpdateOptions = apply { this.status = status }

    /** The new scopes, which replace the existing ones. */
    public fun scopes(scopes: List<String>?): UpdateOptions = apply { this.scopes = scopes }

    /** The new scopes, which replace the existing ones. */
    public fun scopes(vararg scopes: String): UpdateOptions = scopes(scopes.asList())

    /** The text of a JSON object, merged at the top level. */
    public fun trustedMetadata(trustedMetadata: String?): UpdateOptions = apply { this.trustedMetadata = trustedMetadata }

    /** The new organization of the client. */
    public fun organizationId(organizationId: String?): UpdateOptions = apply { this.organizationId = organizationId }

    internal suspend fun call(clients: M2mClients, clientId: String): ClientResponse =
        clients.update(clientId, clientName, clientDescription, status, scopes, trustedMetadata, organizationId)
}

/** What [M2mClients.search] and [M2mClients.searchAll] may be given, for Java. */
public class SearchOptions internal constructor() {
    private var query: SearchQuery? = null
    private var limit: Int? = null
    private var cursor: String? = null
    private var organizationId: String? = null

    /** The filters. Default: none. */
    public fun query(query: SearchQuery?): SearchOptions = apply { this.query = query }

    /** Clients per page, 1 to 1,000. Default: the server's, 100. */
    public fun limit(limit: Int?): SearchOptions = apply { this.limit = limit }

    /** The `nextCursor` of a page, to start after it. */
    public fun cursor(cursor: String?): SearchOptions = apply { this.cursor = cursor }

    /** The organization whose clients to find. */
    public fun organizationId(organizationId: String?): SearchOptions = apply { this.organizationId = organizationId }

    internal suspend fun call(clients: M2mClients): SearchResponse = clients.search(query, limit, cursor, organizationId)

    internal fun pages(clients: M2mClients): M2mClients.Pages = clients.pages(query, limit, cursor, organizationId)
}

/** These options, as [fill] leaves them. */
internal fun <T> T.filled(fill: Consumer<T>): T = apply(fill::accept)
