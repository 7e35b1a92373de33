package io.github.stytchm2m

import io.github.stytchm2m.internal.ClientSettings
import io.github.stytchm2m.internal.NativeClient

/**
 * A project's M2M API: management of clients, tokens, verification.
 *
 * Make one and share it: it is safe to use from many threads, and caches tokens and keys. Making one
 * does no I/O. What is `null` comes from the environment: `STYTCH_PROJECT_ID`, `STYTCH_SECRET`,
 * `STYTCH_BASE_URL`.
 */
public open class Client internal constructor(settings: ClientSettings) : AutoCloseable {
    private val native = translated { Handle("client", NativeClient(settings)) }
    private val verifier = TokenVerifier(Handle("client", native.call { it.verifier() }))

    /** The API. */
    public val m2m: M2m = M2m(native, verifier)

    /** The project's id. */
    public val projectId: String = native.call { it.projectId() }

    /**
     * A client for a project of Consumer Authentication.
     *
     * @param projectId The project's id, `project-test-...` or `project-live-...`.
     * @param secret The project's secret. Management calls need it; tokens do not.
     * @param baseUrl Where the API is. Default: Stytch's live or test host, by the project id's
     *   prefix. Set it to your custom domain, or to an emulator.
     * @param transport How requests are sent.
     * @param tokenStoreUrl A Redis or Valkey through which processes share access tokens, so that one
     *   fetches for all: `rediss://user:password@host:6379/0`. While it is away, each process fetches
     *   for itself.
     * @param tokenStoreKey What seals the tokens there: 32 random bytes in base64. Several, separated
     *   by commas, open what any of them sealed; the first seals. Required with a store.
     * @param verifiedTokenCacheSize About how many verified tokens to remember, so that one that comes
     *   again costs no signature check; its key, times and scopes are checked each time. At most
     *   1,048,576. Default 0: none.
     * @param tokenCacheCapacity How many grants keep their access token in the cache. When it is full,
     *   the grant used longest ago makes room, one without a token first. From 1 to 1,048,576.
     *   Default: 10,000.
     * @param tokenStoreAllowUnencrypted Allows a [tokenStoreUrl] with a password that is sent
     *   unencrypted, by `redis://`, to a host other than this one.
     * @throws M2mException.InvalidConfig when a setting is missing or wrong.
     */
    @JvmOverloads
    public constructor(
        projectId: String? = null,
        secret: String? = null,
        baseUrl: String? = null,
        transport: TransportConfig = TransportConfig(),
        tokenStoreUrl: Secret? = null,
        tokenStoreKey: Secret? = null,
        verifiedTokenCacheSize: Int = 0,
        tokenStoreAllowUnencrypted: Boolean = false,
        tokenCacheCapacity: Int? = null,
    ) : this(
        ClientSettings(
            projectId,
            secret?.let { Secret(it).toNative() },
            baseUrl,
            Vertical.CONSUMER.toNative(),
            verifiedTokenCacheSize.toLong(),
            tokenCacheCapacity?.toLong(),
            tokenStoreUrl?.toNative(),
            tokenStoreKey?.toNative(),
            tokenStoreAllowUnencrypted,
            transport.toNative(),
        ),
    )

    /** What the caches of tokens and keys did so far. */
    public fun stats(): ClientStats = native.call { it.stats() }.toPublic()

    /** Frees the client. Later calls, also of [m2m], throw [M2mException.InvalidConfig]. */
    override fun close() {
        verifier.close()
        native.close()
    }

    override fun toString(): String = "${javaClass.simpleName}(projectId=$projectId)"
}

/** A [Client] for a project of B2B SaaS Authentication. */
public class B2BClient internal constructor(settings: ClientSettings) : Client(settings) {
    /**
     * A client for a project of B2B SaaS Authentication.
     *
     * @param projectId The project's id, `project-test-...` or `project-live-...`.
     * @param secret The project's secret. Management calls need it; tokens do not.
     * @param baseUrl Where the API is. Default: Stytch's live or test host, by the project id's
     *   prefix. Set it to your custom domain, or to an emulator.
     * @param transport How requests are sent.
     * @param tokenStoreUrl A Redis or Valkey through which processes share access tokens, so that one
     *   fetches for all: `rediss://user:password@host:6379/0`. While it is away, each process fetches
     *   for itself.
     * @param tokenStoreKey What seals the tokens there: 32 random bytes in base64. Several, separated
     *   by commas, open what any of them sealed; the first seals. Required with a store.
     * @param verifiedTokenCacheSize About how many verified tokens to remember, so that one that comes
     *   again costs no signature check; its key, times and scopes are checked each time. At most
     *   1,048,576. Default 0: none.
     * @param tokenCacheCapacity How many grants keep their access token in the cache. When it is full,
     *   the grant used longest ago makes room, one without a token first. From 1 to 1,048,576.
     *   Default: 10,000.
     * @param tokenStoreAllowUnencrypted Allows a [tokenStoreUrl] with a password that is sent
     *   unencrypted, by `redis://`, to a host other than this one.
     * @throws M2mException.InvalidConfig when a setting is missing or wrong.
     */
    @JvmOverloads
    public constructor(
        projectId: String? = null,
        secret: String? = null,
        baseUrl: String? = null,
        transport: TransportConfig = TransportConfig(),
        tokenStoreUrl: Secret? = null,
        tokenStoreKey: Secret? = null,
        verifiedTokenCacheSize: Int = 0,
        tokenStoreAllowUnencrypted: Boolean = false,
        tokenCacheCapacity: Int? = null,
    ) : this(
        ClientSettings(
            projectId,
            secret?.let { Secret(it).toNative() },
            baseUrl,
            Vertical.B2B.toNative(),
            verifiedTokenCacheSize.toLong(),
            tokenCacheCapacity?.toLong(),
            tokenStoreUrl?.toNative(),
            tokenStoreKey?.toNative(),
            tokenStoreAllowUnencrypted,
            transport.toNative(),
        ),
    )
}
