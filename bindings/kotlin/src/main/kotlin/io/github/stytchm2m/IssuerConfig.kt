package io.github.stytchm2m

import io.github.stytchm2m.internal.auth0Issuer
import io.github.stytchm2m.internal.discoveredIssuer
import io.github.stytchm2m.internal.oauthIssuer
import io.github.stytchm2m.internal.stytchIssuer
import kotlin.reflect.KProperty0

/** Stytch's product line of a project. */
public enum class Vertical {
    /** Consumer Authentication. */
    CONSUMER,

    /** B2B SaaS Authentication. */
    B2B,
}

/**
 * An issuer whose tokens a [TokenVerifier] accepts. Make one with [stytch], [auth0] or [oauth], and
 * change it with [toBuilder].
 *
 * @property issuers The issuer's `iss` values, compared exactly.
 * @property audiences A token's `aud` must contain at least one of these.
 * @property algorithms The signature algorithms allowed.
 * @property keys The source of its keys.
 * @property profile How the claims name the client.
 * @property allowMissingTyp Accept tokens without `typ`.
 * @property allowMissingKid Accept tokens without `kid` while exactly one key fits.
 * @property acceptScopeArray Accept `scope` as an array of strings.
 * @property wildcardScopes Whether `read:*` in a token grants every `read:<resource>`: yes for a Stytch project, no for
 * every other issuer unless set.
 * @property allowBoundTokens Accept tokens that are bound to a key of the client (`cnf`: DPoP, mTLS). The binding is
 * not checked: the caller must check it.
 * @property requireTyp Accept only tokens with this `typ`, such as `at+jwt`.
 * @property scopeMap New names of scopes: by the name in the token, the name that the claims and the required scopes
 * have. A name of `*` stands for all others, and `*` in its new name for the old one, as in `"*" to "billing.*"`. What
 * is not mentioned keeps its name.
 * @property requiredClaims Claims that must be strings with exactly these values.
 * @property requireClientSubject [TokenProfile.OAUTH]: refuse tokens whose `sub` is not the client that `client_id` or
 * `azp` names, which is how most issuers mark a user's token.
 */
public class IssuerConfig internal constructor(
    public val issuers: List<String>,
    public val audiences: List<String>,
    public val algorithms: List<Algorithm>,
    public val keys: KeySource,
    public val profile: TokenProfile,
    public val allowMissingTyp: Boolean,
    public val allowMissingKid: Boolean,
    public val acceptScopeArray: Boolean,
    public val wildcardScopes: Boolean,
    public val allowBoundTokens: Boolean,
    public val requireTyp: String?,
    public val scopeMap: Map<String, String>,
    public val requiredClaims: Map<String, String>,
    public val requireClientSubject: Boolean,
) : M2mRecord() {
    /** The kinds of issuers. */
    public companion object {
        /**
         * A Stytch project. What is `null` comes from `STYTCH_PROJECT_ID` and `STYTCH_BASE_URL`;
         * [baseUrl] is your custom domain, if you have one.
         */
        @JvmStatic
        @JvmOverloads
        public fun stytch(
            projectId: String? = null,
            baseUrl: String? = null,
            vertical: Vertical = Vertical.CONSUMER,
        ): IssuerConfig = translated { stytchIssuer(projectId, baseUrl, vertical.toNative()).toPublic() }

        /**
         * An Auth0 tenant: [domain] as in `example.eu.auth0.com`, [audience] the API's identifier, [scopeMap] the new
         * names of its scopes; see [IssuerConfig.scopeMap].
         */
        @JvmStatic
        @JvmOverloads
        public fun auth0(
            domain: String,
            audience: String,
            scopeMap: Map<String, String> = emptyMap(),
        ): IssuerConfig = translated { auth0Issuer(domain, audience, scopeMap).toPublic() }

        /** Settings for any issuer of JWT access tokens (RFC 9068). */
        @JvmStatic
        public fun oauth(issuer: String, audiences: List<String>, keys: KeySource): IssuerConfig =
            oauthIssuer(issuer, audiences, keys.toNative()).toPublic()

        /**
         * Settings for any issuer that has a discovery document (RFC 8414 or OpenID Connect), which names the address
         * of its keys. [issuer] is an https URL: what the document and the tokens call the issuer, with or without a
         * slash at the end.
         */
        @JvmStatic
        public fun discover(issuer: String, audiences: List<String>): IssuerConfig =
            discoveredIssuer(issuer, audiences).toPublic()
    }

    /** The same settings, to change some. */
    public fun toBuilder(): Builder = Builder(this)

    /** Collects the settings of an [IssuerConfig]. */
    public class Builder internal constructor(config: IssuerConfig) {
        private var issuers = config.issuers
        private var audiences = config.audiences
        private var algorithms = config.algorithms
        private var keys = config.keys
        private var profile = config.profile
        private var allowMissingTyp = config.allowMissingTyp
        private var allowMissingKid = config.allowMissingKid
        private var acceptScopeArray = config.acceptScopeArray
        private var wildcardScopes = config.wildcardScopes
        private var allowBoundTokens = config.allowBoundTokens
        private var requireTyp = config.requireTyp
        private var scopeMap = config.scopeMap
        private var requiredClaims = config.requiredClaims
        private var requireClientSubject = config.requireClientSubject

        /** See [IssuerConfig.issuers]. */
        public fun issuers(issuers: List<String>): Builder = apply { this.issuers = issuers }

        /** See [IssuerConfig.audiences]. */
        public fun audiences(audiences: List<String>): Builder = apply { this.audiences = audiences }

        /** See [IssuerConfig.algorithms]. */
        public fun algorithms(algorithms: List<Algorithm>): Builder = apply { this.algorithms = algorithms }

        /** See [IssuerConfig.keys]. */
        public fun keys(keys: KeySource): Builder = apply { this.keys = keys }

        /** See [IssuerConfig.profile]. */
        public fun profile(profile: TokenProfile): Builder = apply { this.profile = profile }

        /** See [IssuerConfig.allowMissingTyp]. */
        public fun allowMissingTyp(allowMissingTyp: Boolean): Builder = apply { this.allowMissingTyp = allowMissingTyp }

        /** See [IssuerConfig.allowMissingKid]. */
        public fun allowMissingKid(allowMissingKid: Boolean): Builder = apply { this.allowMissingKid = allowMissingKid }

        /** See [IssuerConfig.acceptScopeArray]. */
        public fun acceptScopeArray(acceptScopeArray: Boolean): Builder = apply { this.acceptScopeArray = acceptScopeArray }

        /** See [IssuerConfig.wildcardScopes]. */
        public fun wildcardScopes(wildcardScopes: Boolean): Builder = apply { this.wildcardScopes = wildcardScopes }

        /** See [IssuerConfig.allowBoundTokens]. */
        public fun allowBoundTokens(allowBoundTokens: Boolean): Builder = apply { this.allowBoundTokens = allowBoundTokens }

        /** See [IssuerConfig.requireTyp]. */
        public fun requireTyp(requireTyp: String?): Builder = apply { this.requireTyp = requireTyp }

        /** See [IssuerConfig.scopeMap]. */
        public fun scopeMap(scopeMap: Map<String, String>): Builder = apply { this.scopeMap = scopeMap }

        /** See [IssuerConfig.requiredClaims]. */
        public fun requiredClaims(requiredClaims: Map<String, String>): Builder = apply { this.requiredClaims = requiredClaims }

        /** See [IssuerConfig.requireClientSubject]. */
        public fun requireClientSubject(requireClientSubject: Boolean): Builder = apply { this.requireClientSubject = requireClientSubject }

        /** The settings. */
        public fun build(): IssuerConfig =
            IssuerConfig(
                issuers,
                audiences,
                algorithms,
                keys,
                profile,
                allowMissingTyp,
                allowMissingKid,
                acceptScopeArray,
                wildcardScopes,
                allowBoundTokens,
                requireTyp,
                scopeMap,
                requiredClaims,
                requireClientSubject,
            )
    }

    internal override fun fields(): List<KProperty0<*>> =
        listOf(
            ::issuers,
            ::audiences,
            ::algorithms,
            ::keys,
            ::profile,
            ::allowMissingTyp,
            ::allowMissingKid,
            ::acceptScopeArray,
            ::wildcardScopes,
            ::allowBoundTokens,
            ::requireTyp,
            ::scopeMap,
            ::requiredClaims,
            ::requireClientSubject,
        )
}

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

/** How an issuer's claims name the client, and which of its tokens are refused as another kind. */
public enum class TokenProfile {
    /** `sub` is the client; tokens about users and sessions are refused. */
    STYTCH,

    /** `sub` is `{client_id}@clients`; tokens about users are refused. */
    AUTH0,

    /**
     * `client_id`, or else `azp`, or else `sub` is the client (RFC 9068, section 2.2). ID tokens and tokens marked as a
     * user's are refused; the guide lists the marks.
     */
    OAUTH,
}

/** A signature algorithm (RFC 7518, section 3.1; RFC 8037 for EdDSA). All are asymmetric. */
public enum class Algorithm {
    /** RSASSA-PKCS1-v1_5 with SHA-256, the only one that Stytch uses. */
    RS256,

    /** RSASSA-PKCS1-v1_5 with SHA-384. */
    RS384,

    /** RSASSA-PKCS1-v1_5 with SHA-512. */
    RS512,

    /** RSASSA-PSS with SHA-256. */
    PS256,

    /** RSASSA-PSS with SHA-384. */
    PS384,

    /** RSASSA-PSS with SHA-512. */
    PS512,

    /** ECDSA on P-256 with SHA-256. */
    ES256,

    /** ECDSA on P-384 with SHA-384. */
    ES384,

    /** Ed25519. */
    EDDSA,
}
