package io.github.stytchm2m.futures

import io.github.stytchm2m.Client
import io.github.stytchm2m.ClientResponse
import io.github.stytchm2m.ClientStats
import io.github.stytchm2m.ClientStatus
import io.github.stytchm2m.CreateResponse
import io.github.stytchm2m.DeleteResponse
import io.github.stytchm2m.M2MClient
import io.github.stytchm2m.M2m
import io.github.stytchm2m.M2mClients
import io.github.stytchm2m.SearchQuery
import io.github.stytchm2m.SearchResponse
import io.github.stytchm2m.Secret
import io.github.stytchm2m.Token
import io.github.stytchm2m.TokenClaims
import java.util.concurrent.CompletableFuture
import java.util.function.BiPredicate
import java.util.function.Consumer

/**
 * [client] for Java: each call returns a future, which fails with an `M2mException`. To cancel a
 * future drops its request.
 */
public class FutureClient(private val client: Client) : AutoCloseable {
    /** A client with the settings of the environment. */
    public constructor() : this(Client())

    /** The API. */
    public val m2m: FutureM2m = FutureM2m(client.m2m)

    /** The project's id. */
    public val projectId: String get() = client.projectId

    /** As [Client.stats]. */
    public fun stats(): ClientStats = client.stats()

    /** Closes the client. */
    override fun close(): Unit = client.close()
}

/** [M2m] for Java. */
public class FutureM2m internal constructor(private val m2m: M2m) {
    /** As [M2m.verifier]. */
    public val verifier: FutureTokenVerifier = FutureTokenVerifier(m2m.verifier)

    /** Management of M2M clients. */
    public val clients: FutureClients = FutureClients(m2m.clients)

    /** As [M2m.token]. */
    @JvmOverloads
    public fun token(
        clientId: String,
        clientSecret: Secret,
        scopes: List<String> = emptyList(),
        extra: Map<String, String> = emptyMap(),
        forceRefresh: Boolean = false,
    ): CompletableFuture<Token> =
        futureOf { m2m.token(clientId, clientSecret, scopes, extra, forceRefresh) }

    /** As [M2m.invalidateToken]. */
    public fun invalidateToken(accessToken: Secret): Unit = m2m.invalidateToken(accessToken)

    /** As [M2m.authenticateToken]. */
    @JvmOverloads
    public fun authenticateToken(
        accessToken: String,
        requiredScopes: List<String> = emptyList(),
        maxTokenAgeSeconds: Long? = null,
        clockToleranceSeconds: Long = 0,
        authorize: BiPredicate<TokenClaims, List<String>>? = null,
    ): CompletableFuture<TokenClaims> =
        verifier.authenticateToken(
            accessToken,
            requiredScopes,
            maxTokenAgeSeconds,
            clockToleranceSeconds,
            authorize,
        )

    /** As [M2m.warmUp]. */
    public fun warmUp(): CompletableFuture<Void?> = verifier.warmUp()
}

/** [M2mClients] for Java. */
public class FutureClients internal constructor(private val clients: M2mClients) {
    /** The rotation of their secrets. */
    public val secrets: FutureSecrets = FutureSecrets(clients.secrets)

    /** As [M2mClients.create]. */
    @JvmOverloads
    public fun create(
        scopes: List<String>,
        clientName: String? = null,
        clientDescription: String? = null,
        trustedMetadata: String? = null,
        clientId: String? = null,
        clientSecret: Secret? = null,
        idempotent: Boolean = false,
    ): CompletableFuture<CreateResponse> =
        futureOf {
            clients.create(
                scopes,
                clientId,
                clientSecret,
                clientName,
                clientDescription,
                trustedMetadata,
                idempotent,
            )
        }

    /** As [M2mClients.get]. */
    public fun get(clientId: String): CompletableFuture<ClientResponse> = futureOf { clients.get(clientId) }

    /** As [M2mClients.search]. */
    @JvmOverloads
    public fun search(
        query: SearchQuery? = null,
        limit: Int? = null,
        cursor: String? = null,
    ): CompletableFuture<SearchResponse> = futureOf { clients.search(query, limit, cursor) }

    /** As [M2mClients.searchAll]: [each] gets the clients, and the future ends after the last. */
    @JvmOverloads
    public fun searchAll(
        each: Consumer<M2MClient>,
        query: SearchQuery? = null,
        limit: Int? = null,
        cursor: String? = null,
    ): CompletableFuture<Void?> =
        futureOfNothing { clients.searchAll(query, limit, cursor).collect { each.accept(it) } }

    /** As [M2mClients.update]. */
    @JvmOverloads
    public fun update(
        clientId: String,
        status: ClientStatus? = null,
        scopes: List<String>? = null,
        clientName: String? = null,
        clientDescription: String? = null,
        trustedMetadata: String? = null,
    ): CompletableFuture<ClientResponse> =
        futureOf {
            clients.update(clientId, clientName, clientDescription, status, scopes, trustedMetadata)
        }

    /** As [M2mClients.delete]. */
    public fun delete(clientId: String): CompletableFuture<DeleteResponse> =
        futureOf { clients.delete(clientId) }
}
