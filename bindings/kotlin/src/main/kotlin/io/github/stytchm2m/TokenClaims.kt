package io.github.stytchm2m

import java.time.Instant
import kotlin.reflect.KProperty0
import io.github.stytchm2m.internal.missingScopes as nativeMissingScopes

/**
 * The claims of a verified access token.
 *
 * @property clientId The M2M client: `sub`, or for Auth0 `sub` without `@clients`.
 * @property scopes The scopes in `scope`, in the token's order.
 * @property wildcardScopes Whether `read:*` among them grants every `read:<resource>`; see [IssuerConfig.wildcardScopes].
 * @property customClaims The claims that are not registered ones.
 * @property issuer `iss`, exactly.
 * @property audience `aud`, as a list.
 * @property issuedAt `iat`.
 * @property notBefore `nbf`.
 * @property expiresAt `exp`.
 * @property tokenId `jti`.
 * @property subject `sub`, unchanged: the client, or what its issuer says instead, such as the object id of an Entra
 * application. `null` if the token has none; see [IssuerConfig.allowMissingSub].
 * @property organization The organization that the client belongs to, from the claim that
 * [IssuerConfig.organizationClaim] names. `null` if the token has none.
 */
public class TokenClaims internal constructor(
    public val clientId: String,
    public val scopes: List<String>,
    public val wildcardScopes: Boolean,
    public val customClaims: CustomClaims,
    public val issuer: String,
    public val audience: List<String>,
    public val issuedAt: Instant?,
    public val notBefore: Instant?,
    public val expiresAt: Instant,
    public val tokenId: String?,
    public val subject: String?,
    public val organization: String?,
) : M2mRecord() {
    /** The scopes of [required] that the token does not grant, in their order. */
    public fun missingScopes(required: List<String>): List<String> =
        nativeMissingScopes(scopes, wildcardScopes, required.map { it.asText() })

    internal override fun fields(): List<KProperty0<*>> =
        listOf(
            ::clientId,
            ::scopes,
            ::wildcardScopes,
            ::customClaims,
            ::issuer,
            ::audience,
            ::issuedAt,
            ::notBefore,
            ::expiresAt,
            ::tokenId,
            ::subject,
            ::organization,
        )

    /** The names of the claims only, because printed values end up in logs. */
    override fun toString(): String {
        val optional = mapOf("iat" to issuedAt, "nbf" to notBefore, "jti" to tokenId, "sub" to subject)
        val given = optional.filterValues { it != null }.keys
        val scope = if (scopes.isEmpty()) emptyList() else listOf("scope")
        val all = listOf("aud", "exp", "iss") + given + scope + customClaims.toMap().keys
        return all.sorted().joinToString(", ", "TokenClaims(", ")")
    }
}
