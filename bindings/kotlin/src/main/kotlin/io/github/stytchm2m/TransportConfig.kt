package io.github.stytchm2m

import io.github.stytchm2m.internal.TransportSettings
import java.time.Duration
import kotlin.reflect.KProperty0

/**
 * Timeouts, TLS and proxy of all requests. Connections use TLS 1.2 or later. Redirects are not followed. Certificate
 * verification cannot be switched off. `null` is the default. In Java, use [builder].
 *
 * @property connectTimeout Maximum time to establish a connection, TLS included. Default 3 s.
 * @property attemptTimeout Maximum time of one attempt, until its whole response has arrived. Default 10 s.
 * @property totalTimeout Maximum time of a call, with all its attempts. Default 30 s.
 * @property extraCaPem PEM certificates of additional certificate authorities to trust.
 * @property bundledRoots Whether to trust Mozilla's root certificates, built into this package, instead of the
 *   platform's: for containers without certificates, and for Android.
 * @property clientCertificatePem PEM certificate chain and private key of the client, for servers that require mutual
 *   TLS.
 * @property proxy The way out.
 * @property maxKeyAge Maximum age of a key set that cannot be refreshed; once it is older, verification fails with
 *   `keys_unavailable`. Default 6 h, at most 24 h.
 */
public class TransportConfig(
    public val connectTimeout: Duration? = null,
    public val attemptTimeout: Duration? = null,
    public val totalTimeout: Duration? = null,
    public val extraCaPem: String? = null,
    public val bundledRoots: Boolean = false,
    public val clientCertificatePem: SecretSource? = null,
    public val proxy: Proxy = Proxy.Environment,
    public val maxKeyAge: Duration? = null,
) : M2mRecord() {
    internal override fun fields(): List<KProperty0<*>> =
        listOf(
            ::connectTimeout,
            ::attemptTimeout,
            ::totalTimeout,
            ::extraCaPem,
            ::bundledRoots,
            ::clientCertificatePem,
            ::proxy,
            ::maxKeyAge,
        )

    /** The same settings, to change some. */
    public fun toBuilder(): Builder =
        Builder()
            .connectTimeout(connectTimeout)
            .attemptTimeout(attemptTimeout)
            .totalTimeout(totalTimeout)
            .extraCaPem(extraCaPem)
            .bundledRoots(bundledRoots)
            .clientCertificatePem(clientCertificatePem)
            .proxy(proxy)
            .maxKeyAge(maxKeyAge)

    /** Collects the settings of a [TransportConfig]. */
    public class Builder internal constructor() {
        private var connectTimeout: Duration? = null
        private var attemptTimeout: Duration? = null
        private var totalTimeout: Duration? = null
        private var extraCaPem: String? = null
        private var bundledRoots: Boolean = false
        private var clientCertificatePem: SecretSource? = null
        private var proxy: Proxy = Proxy.Environment
        private var maxKeyAge: Duration? = null

        /** See [TransportConfig.connectTimeout]. */
        public fun connectTimeout(connectTimeout: Duration?): Builder = apply { this.connectTimeout = connectTimeout }

        /** See [TransportConfig.attemptTimeout]. */
        public fun attemptTimeout(attemptTimeout: Duration?): Builder = apply { this.attemptTimeout = attemptTimeout }

        /** See [TransportConfig.totalTimeout]. */
        public fun totalTimeout(totalTimeout: Duration?): Builder = apply { this.totalTimeout = totalTimeout }

        /** See [TransportConfig.extraCaPem]. */
        public fun extraCaPem(extraCaPem: String?): Builder = apply { this.extraCaPem = extraCaPem }

        /** See [TransportConfig.bundledRoots]. */
        public fun bundledRoots(bundledRoots: Boolean): Builder = apply { this.bundledRoots = bundledRoots }

        /** See [TransportConfig.clientCertificatePem]. */
        public fun clientCertificatePem(clientCertificatePem: SecretSource?): Builder =
            apply { this.clientCertificatePem = clientCertificatePem }

        /** See [TransportConfig.proxy]. */
        public fun proxy(proxy: Proxy): Builder = apply { this.proxy = proxy }

        /** See [TransportConfig.maxKeyAge]. */
        public fun maxKeyAge(maxKeyAge: Duration?): Builder = apply { this.maxKeyAge = maxKeyAge }

        /** The settings. */
        public fun build(): TransportConfig =
            TransportConfig(
                connectTimeout,
                attemptTimeout,
                totalTimeout,
                extraCaPem,
                bundledRoots,
                clientCertificatePem,
                proxy,
                maxKeyAge,
            )
    }

    /** The entry point for Java. */
    public companion object {
        /** A builder, for Java. */
        @JvmStatic
        public fun builder(): Builder = Builder()
    }
}

/**
 * The proxy that requests go through. Requests to this machine (`localhost`, `127.0.0.0/8`, `::1`) never use a proxy.
 */
public sealed interface Proxy {
    /** The proxy of `HTTPS_PROXY`, or else of `ALL_PROXY`, except for the hosts in `NO_PROXY`. */
    public object Environment : Proxy {
        override fun toString(): String = "Environment"
    }

    /** No proxy; the environment is ignored. */
    public object Off : Proxy {
        override fun toString(): String = "Off"
    }

    /**
     * This proxy, except for the hosts in `NO_PROXY`.
     *
     * @property url An `http://` or `https://` URL, which may hold a user name and password.
     */
    public class Url(public val url: Secret) : M2mRecord(), Proxy {
        internal override fun fields(): List<KProperty0<*>> = listOf(::url)
    }
}

internal fun TransportConfig.toNative(clockUnixSeconds: Long? = null): TransportSettings =
    TransportSettings(
        connectTimeout?.inSeconds(),
        attemptTimeout?.inSeconds(),
        totalTimeout?.inSeconds(),
        extraCaPem,
        bundledRoots,
        clientCertificatePem?.toSetting(),
        proxy.toNative(),
        maxKeyAge?.inSeconds(),
        clockUnixSeconds,
    )

private fun Duration.inSeconds(): Double = seconds + nano / 1e9
