package io.github.stytchm2m

import io.github.stytchm2m.internal.auth0Issuer
import io.github.stytchm2m.internal.discoveredIssuer
import io.github.stytchm2m.internal.entraIssuer
import io.github.stytchm2m.internal.oauthIssuer
import io.github.stytchm2m.internal.providerIssuer
import io.github.stytchm2m.internal.stytchIssuer
import java.time.Duration
import kotlin.reflect.KProperty0

/** Stytch's product line of a project. */
public enum class Vertical {
    /** Consumer Authentication. */
    CONSUMER,

    /** B2B SaaS Authentication. */
    B2B,
}

/**
 * An issuer whose tokens a [TokenVerifier] accepts. Make one with [stytch], [auth0], [oauth] or the function of
 * another provider, and change it with [toBuilder].
 *
 * @property issuers The issuer's `iss` values, compared exactly.
 * @property audiences A token's `aud` must contain at least one of these. If there is none, only tokens without `aud`
 * are accepted, and only of [clientIds].
 * @property algorithms The signature algorithms allowed.
 * @property keys The source of its keys.
 * @property profile How the claims name the client.
 * @property allowMissingTyp Accept tokens without `typ`.
 * @property allowMissingKid Accept tokens without `kid` while exactly one key fits: yes for an issuer of [oauth] or
 * [discover], no for Stytch, Auth0 and the other providers, whose tokens always name their key.
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
 * @property clientIds The clients whose tokens are accepted. Default: every client of the issuer, which needs
 * [audiences].
 * @property clientIdClaims Claims that name the client, for [TokenProfile.OAUTH]: the first one in the token does, and
 * the others, if present, must name the same. A token with none of them is refused. Default: as the profile says.
 * @property scopeClaims Claims with the scopes, together: names such as `scp`, and paths such as `realm_access.roles` or
 * `resource_access.{audience}.roles`, for each of the audiences. A name with a colon is not a path. With `.*` at the
 * end, the scopes are the names of an object's members. Default: `scope`.
 * @property organizationClaim The claim with the organization (tenant, customer) that the client belongs to: a name such
 * as `org_id`, or a path such as `tenant.id`. A name with a colon is not a path. Use only a claim that the issuer sets
 * itself: one that a client can set in its token request names any organization. Default: `org_id`; `tid` for Entra;
 * `null`, and so no organization, for providers that have no such claim.
 * @property forbiddenClaims Claims that a token must not have, such as those of a user's token.
 * @property allowMissingSub Whether to accept tokens without `sub`, for [TokenProfile.OAUTH]. Without it, nothing tells
 * a user's token from a client's except other claims.
 * @property requireAnyScope Whether to refuse tokens without any scope as `insufficient_scope`, even if no scope is
 * required.
 * @property maxTokenLifetime The longest time from `iat` to `exp` of a token. With a limit, `iat` is required.
 * @property clockTolerance The least leeway for the times of this issuer's tokens, up to 300 seconds.
 * @property maxJwksKeys Maximum number of keys of the key set; a larger set is refused. Default: 1,000.
 * @property maxJwksBytes Maximum size of the key set in bytes, up to 16 MiB. Default: 1 MiB.
 * @property jwksTokenFile A file with a bearer token for the key set's URL, read before each fetch: for servers that do
 * not publish their keys to everyone.
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
    public val clientIds: List<String>,
    public val clientIdClaims: List<String>,
    public val scopeClaims: List<String>,
    public val organizationClaim: String?,
    public val forbiddenClaims: List<String>,
    public val allowMissingSub: Boolean,
    public val requireAnyScope: Boolean,
    public val maxTokenLifetime: Duration?,
    public val clockTolerance: Duration,
    public val maxJwksKeys: Long,
    public val maxJwksBytes: Long,
    public val jwksTokenFile: String?,
) : M2mRecord() {
    /** The kinds of issuers. */
    public companion object {
        /**
         * A Stytch project. What is `null` comes from `STYTCH_PROJECT_ID` and `STYTCH_BASE_URL`;
         * [baseUrl] is your custom domain, if you have one. [baseUrls] are several names, such as the default domain and
         * a custom domain: tokens of each are accepted, and the keys are fetched from the first.
         */
        @JvmStatic
        @JvmOverloads
        public fun stytch(
            projectId: String? = null,
            baseUrl: String? = null,
            vertical: Vertical = Vertical.CONSUMER,
            baseUrls: List<String> = emptyList(),
        ): IssuerConfig = translated { stytchIssuer(projectId, baseUrl, baseUrls, vertical.toNative()).toPublic() }

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

        /**
         * Settings for an Amazon Cognito user pool, such as `eu-west-1_AbCdEf123`. Its access tokens have no `aud`, so the
         * app clients to accept are in [clientIds].
         */
        @JvmStatic
        public fun cognito(userPoolId: String, clientIds: List<String>): IssuerConfig =
            provider("cognito", mapOf("user_pool_id" to userPoolId), clientIds)

        /**
         * Settings for one tenant of Microsoft Entra ID: [tenant] is its id (a GUID), [audience] the API's application id
         * or its application ID URI. Tokens of version 1.0 and 2.0 are accepted. The scopes are the application's `roles`;
         * a token without any is refused, because Entra issues such a token to every application of the tenant.
         */
        @JvmStatic
        public fun entra(tenant: String, audience: String): IssuerConfig = entra(listOf(tenant), audience)

        /**
         * Settings for these tenants of Microsoft Entra ID, as the other function. They share one key set: a token's `tid`
         * must be the tenant in its `iss`, and a key that names another tenant is not its key. To decide about tenants by
         * a function, see [IssuerResolver.entra].
         */
        @JvmStatic
        public fun entra(tenants: List<String>, audience: String): IssuerConfig =
            translated { entraIssuer(tenants, audience).toPublic() }

        /**
         * Settings for a custom authorization server of Okta, such as `https://example.okta.com/oauth2/default`. Tokens of
         * the organization's own server are for Okta's API alone.
         */
        @JvmStatic
        public fun okta(issuer: String, audience: String): IssuerConfig =
            provider("okta", mapOf("issuer" to issuer, "audience" to audience), emptyList())

        /**
         * Settings for a realm of Keycloak 21 or later, such as `https://sso.example.com/realms/main`. The scopes are
         * those in `scope` and the client roles of [audience], which is the API's client id. Service accounts need the
         * client scope `service_account`, whose `client_id` tells them from users. Keycloak adds it to a client that
         * gets a service account; an imported realm may lack it.
         */
        @JvmStatic
        public fun keycloak(issuer: String, audience: String): IssuerConfig =
            provider("keycloak", mapOf("issuer" to issuer, "audience" to audience), emptyList())

        /**
         * Settings for Google's ID tokens of service accounts. Anyone's service account can get a token for any audience, so
         * [clientIds] lists the service accounts to accept, by their unique ids.
         */
        @JvmStatic
        public fun google(audience: String, clientIds: List<String>): IssuerConfig =
            provider("google", mapOf("audience" to audience), clientIds)

        /**
         * Settings for Ory Hydra with `strategies.access_token: jwt`. [issuer] is `urls.self.issuer` exactly, with its slash
         * if it has one.
         */
        @JvmStatic
        public fun hydra(issuer: String, audience: String): IssuerConfig =
            provider("hydra", mapOf("issuer" to issuer, "audience" to audience), emptyList())

        /**
         * Settings for a Zitadel instance with JWT access tokens: [audience] is the project's id. Its tokens do not tell a
         * machine from a user, so [clientIds] lists the service users to accept. The scopes are the names of the project's
         * roles.
         */
        @JvmStatic
        public fun zitadel(issuer: String, audience: String, clientIds: List<String>): IssuerConfig =
            provider("zitadel", mapOf("issuer" to issuer, "audience" to audience), clientIds)

        /**
         * Settings for Duende IdentityServer. A client's own tokens have no `sub`.
         */
        @JvmStatic
        public fun duende(issuer: String, audience: String): IssuerConfig =
            provider("duende", mapOf("issuer" to issuer, "audience" to audience), emptyList())

        /**
         * Settings for service account tokens of a Kubernetes cluster: [issuer] is its `--service-account-issuer`. The client
         * is `system:serviceaccount:<namespace>:<name>`. Most clusters publish their keys only to callers with a token: set
         * [jwksTokenFile].
         */
        @JvmStatic
        public fun kubernetes(issuer: String, audience: String): IssuerConfig =
            provider("kubernetes", mapOf("issuer" to issuer, "audience" to audience), emptyList())

        private fun provider(name: String, arguments: Map<String, String>, clientIds: List<String>): IssuerConfig =
            translated { providerIssuer(name, arguments, clientIds).toPublic() }
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
        private var clientIds = config.clientIds
        private var clientIdClaims = config.clientIdClaims
        private var scopeClaims = config.scopeClaims
        private var organizationClaim = config.organizationClaim
        private var forbiddenClaims = config.forbiddenClaims
        private var allowMissingSub = config.allowMissingSub
        private var requireAnyScope = config.requireAnyScope
        private var maxTokenLifetime = config.maxTokenLifetime
        private var clockTolerance = config.clockTolerance
        private var maxJwksKeys = config.maxJwksKeys
        private var maxJwksBytes = config.maxJwksBytes
        private var jwksTokenFile = config.jwksTokenFile

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

        /** See [IssuerConfig.clientIds]. */
        public fun clientIds(clientIds: List<String>): Builder = apply { this.clientIds = clientIds }

        /** See [IssuerConfig.clientIdClaims]. */
        public fun clientIdClaims(clientIdClaims: List<String>): Builder = apply { this.clientIdClaims = clientIdClaims }

        /** See [IssuerConfig.scopeClaims]. */
        public fun scopeClaims(scopeClaims: List<String>): Builder = apply { this.scopeClaims = scopeClaims }

        /** See [IssuerConfig.organizationClaim]. */
        public fun organizationClaim(organizationClaim: String?): Builder = apply { this.organizationClaim = organizationClaim }

        /** See [IssuerConfig.forbiddenClaims]. */
        public fun forbiddenClaims(forbiddenClaims: List<String>): Builder = apply { this.forbiddenClaims = forbiddenClaims }

        /** See [IssuerConfig.allowMissingSub]. */
        public fun allowMissingSub(allowMissingSub: Boolean): Builder = apply { this.allowMissingSub = allowMissingSub }

        /** See [IssuerConfig.requireAnyScope]. */
        public fun requireAnyScope(requireAnyScope: Boolean): Builder = apply { this.requireAnyScope = requireAnyScope }

        /** See [IssuerConfig.maxTokenLifetime]. */
        public fun maxTokenLifetime(maxTokenLifetime: Duration?): Builder = apply { this.maxTokenLifetime = maxTokenLifetime }

        /** See [IssuerConfig.clockTolerance]. */
        public fun clockTolerance(clockTolerance: Duration): Builder = apply { this.clockTolerance = clockTolerance }

        /** See [IssuerConfig.maxJwksKeys]. */
        public fun maxJwksKeys(maxJwksKeys: Long): Builder = apply { this.maxJwksKeys = maxJwksKeys }

        /** See [IssuerConfig.maxJwksBytes]. */
        public fun maxJwksBytes(maxJwksBytes: Long): Builder = apply { this.maxJwksBytes = maxJwksBytes }

        /** See [IssuerConfig.jwksTokenFile]. */
        public fun jwksTokenFile(jwksTokenFile: String?): Builder = apply { this.jwksTokenFile = jwksTokenFile }

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
                clientIds,
                clientIdClaims,
                scopeClaims,
                organizationClaim,
                forbiddenClaims,
                allowMissingSub,
                requireAnyScope,
                maxTokenLifetime,
                clockTolerance,
                maxJwksKeys,
                maxJwksBytes,
                jwksTokenFile,
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
            ::clientIds,
            ::clientIdClaims,
            ::scopeClaims,
            ::organizationClaim,
            ::forbiddenClaims,
            ::allowMissingSub,
            ::requireAnyScope,
            ::maxTokenLifetime,
            ::clockTolerance,
            ::maxJwksKeys,
            ::maxJwksBytes,
            ::jwksTokenFile,
        )
}
