package io.github.stytchm2m

import io.github.stytchm2m.internal.ClientSettings
import io.github.stytchm2m.internal.NativeClient

/**
 * A project's M2M API: management of clients, tokens, verification.
 *
 * Make one and share it: it is safe to use from many threads, and caches tokens and keys. Creating one does no I/O. A
 * `null` setting is read from the environment: `STYTCH_PROJECT_ID`, `STYTCH_SECRET`, `STYTCH_BASE_URL`. In Java, use
 * [builder].
 *
 * @param projectId The project's id, `project-test-...` or `project-live-...`.
 * @param secret The project's secret, which may change while the client is in use. Management calls need it; tokens do not.
 * @param baseUrl The API's address. Default: Stytch's live or test host, chosen by the project id's prefix. Set it to
 *   your custom domain, or to an emulator.
 * @param vertical The project's product line.
 * @param organizationKey The key of `trustedMetadata` that holds a client's organization: `organizationId` of calls and
 *   records is its value. Default: `organization_id`.
 * @param verifiedTokenCacheSize Approximate number of verified tokens to cache. A cached token needs no signature check
 *   the next time; its key, times and scopes are still checked. At most 1,048,576. Default 0: no cache.
 * @param tokenCacheCapacity Maximum number of grants whose access token is cached. A full cache evicts grants without a
 *   token first, then the least recently used. From 1 to 1,048,576. Default: 10,000.
 * @param tokenStoreUrl URL of a Redis or Valkey server through which processes share access tokens, so that one process
 *   fetches for all: `rediss://user:password@host:6379/0`. While the server is unavailable, each process fetches its
 *   own token.
 * @param tokenStoreKey Key that encrypts the tokens in the store: 32 random bytes in base64. To replace a key, give
 *   several, separated by commas: the first encrypts, and each of them decrypts. Required with a store.
 * @param tokenStoreAllowUnencrypted Allows a [tokenStoreUrl] with a password that is sent
 *   unencrypted, by `redis://`, to a host other than this one.
 * @param transport Timeouts, TLS and proxy.
 * @throws M2mException.InvalidConfig when a setting is missing or wrong.
 */
public open class Client(
    projectId: String? = null,
    secret: SecretSource? = null,
    baseUrl: String? = null,
    vertical: Vertical = Vertical.CONSUMER,
    verifiedTokenCacheSize: Int = 0,
    tokenCacheCapacity: Int? = null,
    tokenStoreUrl: Secret? = null,
    tokenStoreKey: Secret? = null,
    tokenStoreAllowUnencrypted: Boolean = false,
    transport: TransportConfig = TransportConfig(),
    organizationKey: String? = null,
) : AutoCloseable {
    private val native = translated {
        val settings = ClientSettings(
            projectId,
            secret?.toSetting(),
            baseUrl,
            vertical.toNative(),
            organizationKey,
            verifiedTokenCacheSize.toLong(),
            tokenCacheCapacity?.toLong(),
            tokenStoreUrl?.toNative(),
            tokenStoreKey?.toNative(),
            tokenStoreAllowUnencrypted,
            transport.toNative(),
        )
        Handle("client", NativeClient(settings))
    }
    private val verifier = TokenVerifier(Handle("client", native.call { it.verifier() }))

    /** The API. */
    public val m2m: M2m = M2m(native, verifier)

    /** The project's id. */
    public val projectId: String = native.call { it.projectId() }

    /** Counters of the caches of tokens and keys. */
    public fun stats(): ClientStats = native.call { it.stats() }.toPublic()

    /** Frees the client. Later calls, also of [m2m], throw [M2mException.InvalidConfig]. */
    override fun close() {
        verifier.close()
        native.close()
    }

    override fun toString(): String = "${javaClass.simpleName}(projectId=$projectId)"

    /** Builder of a [Client]. Missing settings are read from the environment. */
    public class Builder internal constructor() {
        private var projectId: String? = null
        private var secret: SecretSource? = null
        private var baseUrl: String? = null
        private var vertical = Vertical.CONSUMER
        private var organizationKey: String? = null
        private var verifiedTokenCacheSize = 0
        private var tokenCacheCapacity: Int? = null
        private var tokenStoreUrl: Secret? = null
        private var tokenStoreKey: Secret? = null
        private var tokenStoreAllowUnencrypted = false
        private var transport = TransportConfig()

        /** The project's id. */
        public fun projectId(projectId: String?): Builder = apply { this.projectId = projectId }

        /** The project's secret. */
        public fun secret(secret: SecretSource?): Builder = apply { this.secret = secret }

        /** The API's address. */
        public fun baseUrl(baseUrl: String?): Builder = apply { this.baseUrl = baseUrl }

        /** The project's product line. */
        public fun vertical(vertical: Vertical): Builder = apply { this.vertical = vertical }

        /** The key of `trustedMetadata` that holds a client's organization. */
        public fun organizationKey(key: String?): Builder = apply { organizationKey = key }

        /** Approximate number of verified tokens to cache. */
        public fun verifiedTokenCacheSize(size: Int): Builder = apply { verifiedTokenCacheSize = size }

        /** Maximum number of grants whose access token is cached. */
        public fun tokenCacheCapacity(capacity: Int?): Builder = apply { tokenCacheCapacity = capacity }

        /** URL of a Redis or Valkey server through which processes share access tokens. */
        public fun tokenStoreUrl(url: Secret?): Builder = apply { tokenStoreUrl = url }

        /** Key that encrypts the tokens in the store. */
        public fun tokenStoreKey(key: Secret?): Builder = apply { tokenStoreKey = key }

        /** Whether the store's password may be sent unencrypted. */
        public fun tokenStoreAllowUnencrypted(allow: Boolean): Builder = apply { tokenStoreAllowUnencrypted = allow }

        /** Timeouts, TLS and proxy. */
        public fun transport(transport: TransportConfig): Builder = apply { this.transport = transport }

        /**
         * The client.
         *
         * @throws M2mException.InvalidConfig when a setting is missing or wrong.
         */
        public fun build(): Client =
            Client(
                projectId,
                secret,
                baseUrl,
                vertical,
                verifiedTokenCacheSize,
                tokenCacheCapacity,
                tokenStoreUrl,
                tokenStoreKey,
                tokenStoreAllowUnencrypted,
                transport,
                organizationKey,
            )
    }

    /** The entry point for Java. */
    public companion object {
        /** A builder, for Java. */
        @JvmStatic
        public fun builder(): Builder = Builder()
    }
}

/** A [Client], with its settings, for a project of B2B SaaS Authentication. */
public class B2BClient(
    projectId: String? = null,
    secret: SecretSource? = null,
    baseUrl: String? = null,
    verifiedTokenCacheSize: Int = 0,
    tokenCacheCapacity: Int? = null,
    tokenStoreUrl: Secret? = null,
    tokenStoreKey: Secret? = null,
    tokenStoreAllowUnencrypted: Boolean = false,
    transport: TransportConfig = TransportConfig(),
    organizationKey: String? = null,
) : Client(
    projectId,
    secret,
    baseUrl,
    Vertical.B2B,
    verifiedTokenCacheSize,
    tokenCacheCapacity,
    tokenStoreUrl,
    tokenStoreKey,
    tokenStoreAllowUnencrypted,
    transport,
    organizationKey,
) {
    /** The entry point for Java. */
    public companion object {
        /** A builder, for Java. */
        @JvmStatic
        public fun builder(): Builder = Builder().vertical(Vertical.B2B)
    }
}
