package io.github.stytchm2m.blocking

import io.github.stytchm2m.Client
import io.github.stytchm2m.ClientStats
import io.github.stytchm2m.M2m
import io.github.stytchm2m.M2mException
import io.github.stytchm2m.Secret
import io.github.stytchm2m.Token
import io.github.stytchm2m.TokenClaims
import io.github.stytchm2m.options.AuthenticateOptions
import io.github.stytchm2m.options.TokenOptions
import io.github.stytchm2m.options.filled
import java.util.function.Consumer

/**
 * [client] for Java: each call waits, and throws an `M2mException`. A thread that is
 * interrupted while it waits gets [M2mException.Cancelled], and stays interrupted.
 */
public class BlockingClient(private val client: Client) : AutoCloseable {
    /** A client with the settings of the environment. */
    public constructor() : this(Client())

    /** The API. */
    public val m2m: BlockingM2m = BlockingM2m(client.m2m)

    /** The project's id. */
    public val projectId: String get() = client.projectId

    /** As [Client.stats]. */
    public fun stats(): ClientStats = client.stats()

    /** Closes the client. */
    override fun close(): Unit = client.close()
}

/** [M2m] for Java. */
public class BlockingM2m internal constructor(private val m2m: M2m) {
    /** As [M2m.verifier]. */
    public val verifier: BlockingTokenVerifier = BlockingTokenVerifier(m2m.verifier)

    /** Manages M2M clients. */
    public val clients: BlockingClients = BlockingClients(m2m.clients)

    /** As [M2m.token]: from the cache while it is fresh. */
    @JvmOverloads
    public fun token(
        clientId: String,
        clientSecret: Secret,
        options: Consumer<TokenOptions> = Consumer {},
    ): Token {
        val filled = TokenOptions().filled(options)
        return blocking { filled.call(m2m, clientId, clientSecret) }
    }

    /** As [M2m.invalidateToken]. */
    public fun invalidateToken(accessToken: Secret): Unit = m2m.invalidateToken(accessToken)

    /** As [M2m.authenticateToken]. */
    @JvmOverloads
    public fun authenticateToken(
        accessToken: Secret,
        options: Consumer<AuthenticateOptions> = Consumer {},
    ): TokenClaims = verifier.authenticateToken(accessToken, options)

    /** As [M2m.warmUp]. */
    public fun warmUp(): Unit = verifier.warmUp()
}
