package io.github.stytchm2m

/**
 * The organization that a token must belong to, by [TokenClaims.organization].
 *
 * ```
 * verifier.authenticateToken(token, organization = RequiredOrganization.exactly(call.parameters["tenant"]))
 * ```
 */
public class RequiredOrganization private constructor(internal val id: String?) {
    /** The id. */
    override fun toString(): String = if (id == null) "RequiredOrganization.any" else "RequiredOrganization.exactly($id)"

    /** Makes them. */
    public companion object {
        /**
         * The organization with this [id], compared exactly. `null` is nobody's: every token is refused, so that an id which
         * a request lacks lets nobody in.
         */
        @JvmStatic
        public fun exactly(id: String?): RequiredOrganization = RequiredOrganization(id.orEmpty())

        /** Any organization, but one. */
        @JvmStatic
        public fun any(): RequiredOrganization = RequiredOrganization(null)
    }
}
