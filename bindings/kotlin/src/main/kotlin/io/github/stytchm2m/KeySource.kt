package io.github.stytchm2m

import kotlin.reflect.KProperty0

/** The source of an issuer's keys. */
public sealed interface KeySource {
    /**
     * A URL: the key set is fetched when needed, cached and refreshed.
     *
     * @property url An https URL.
     */
    public class Url(public val url: String) : M2mRecord(), KeySource {
        internal override fun fields(): List<KProperty0<*>> = listOf(::url)
    }

    /**
     * Here.
     *
     * @property json The text of a JWK Set (RFC 7517, section 5).
     */
    public class Jwks(public val json: String) : M2mRecord(), KeySource {
        internal override fun fields(): List<KProperty0<*>> = listOf(::json)
    }

    /**
     * Where the issuer's discovery document says.
     *
     * @property issuer The issuer, as an https URL.
     */
    public class Discovery(public val issuer: String) : M2mRecord(), KeySource {
        internal override fun fields(): List<KProperty0<*>> = listOf(::issuer)
    }
}
