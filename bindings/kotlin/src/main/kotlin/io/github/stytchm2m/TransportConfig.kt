package io.github.stytchm2m

import io.github.stytchm2m.internal.TransportSettings
import java.time.Duration
import kotlin.reflect.KProperty0

/**
 * How requests are sent. TLS 1.2 at least; no redirect is followed; there is no switch to accept a bad
 * certificate. `null` is the default. In Java, use [builder].
 *
 * @property connectTimeout Until a connection stands. Default 3 s.
 * @property attemptTimeout Until one attempt has its whole answer. Default 10 s.
 * @property totalTimeout Until the call returns, with all its attempts. Default 30 s.
 * @property extraCaPem Certificates, in PEM, of authorities to trust besides the platform's.
 * @property bundledRoots Trust Mozilla's root certificates as built into this package instead of the
 *   platform's: for containers that have none, and for Android.
 * @property clientCertificatePem A certificate chain and its private key, in PEM, for servers that ask
 *   who is calling.
 * @property proxy The way out.
 * @property maxKeyAge How old a key set may grow while its server is down; then no token can be judged.
 *   Default 6 h, at most 24 h.
 */
public class TransportConfig(
    public val connectTimeout: Duration? = null,
    public val attemptTimeout: Duration? = null,
    public val totalTimeout: Duration? = null,
    public val extraCaPem: String? = null,
    public val bundledRoots: Boolean = false,
    public val clientCertificatePem: Secret? = null,
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
        private var clientCertificatePem: Secret? = null
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
        public fun clientCertificatePem(clientCertificatePem: Secret?): Builder = apply { this.clientCertificatePem = clientCertificatePem }

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

    /** Where Java begins. */
    public companion object {
        /** Settings to fill in, for Java. */
        @JvmStatic
        public fun builder(): Builder = Builder()
    }
}

/** Which proxy requests go through. Those to this machine (`localhost`, `127.0.0.0/8`, `::1`) go through none. */
public sealed interface Proxy {
    /** The one in `HTTPS_PROXY`, or else in `ALL_PROXY`, save for the hosts in `NO_PROXY`. */
    public object Environment : Proxy {
        override fun toString(): String = "Environment"
    }

    /** Direct, whatever the environment says. */
    public object Off : Proxy {
        override fun toString(): String = "Off"
    }

    /**
     * Through this server, save for the hosts in `NO_PROXY`.
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
        clientCertificatePem?.toNative(),
        proxy.toNative(),
        maxKeyAge?.inSeconds(),
        clockUnixSeconds,
    )

private fun Duration.inSeconds(): Double = seconds + nano / 1e9
