package io.github.stytchm2m

import io.github.stytchm2m.internal.IssuerFunction
import io.github.stytchm2m.internal.IssuerReply
import io.github.stytchm2m.internal.ResolverFunction
import io.github.stytchm2m.internal.ResolverSettings
import io.github.stytchm2m.internal.TenantFunction
import io.github.stytchm2m.internal.TenantReply
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.future.await
import kotlinx.coroutines.launch
import java.time.Duration
import java.util.concurrent.CompletionStage
import java.util.function.Function

/**
 * Decides which issuers are accepted beside the listed ones, such as the customers of a SaaS who each have an issuer of
 * their own.
 *
 * ```
 * val resolver = IssuerResolver.function { issuer -> customers[issuer]?.let { IssuerConfig.discover(issuer, audiences) } }
 * TokenVerifier(emptyList(), issuerResolver = resolver)
 * ```
 *
 * The function is called with the `iss` of a token whose header was found valid, and never for a listed issuer. Its
 * answers are cached; one call serves all concurrent verifications of an issuer, at most 16 calls run at once, and each
 * may take as long as one attempt of a request ([TransportConfig.attemptTimeout]). While it throws, tokens of issuers
 * that are not cached are [M2mException.KeysUnavailable] (503), with the exception's class and not its message; cached
 * ones stay accepted for [TransportConfig.maxKeyAge].
 */
public class IssuerResolver private constructor(
    private val function: ResolverFunction,
    private val lifetime: Duration? = null,
    private val negativeLifetime: Duration? = null,
    private val maxIssuers: Int? = null,
) {
    /**
     * The same with another time for which an issuer is accepted before the function is called again, 1 second to 24
     * hours. If the answer is then the same, the cached keys stay in use. Default: 10 minutes.
     */
    public fun lifetime(lifetime: Duration): IssuerResolver = IssuerResolver(function, lifetime, negativeLifetime, maxIssuers)

    /**
     * The same with another time for which an issuer is refused before the function is called again, 1 second to 24
     * hours. Default: 60 seconds.
     */
    public fun negativeLifetime(lifetime: Duration): IssuerResolver = IssuerResolver(function, this.lifetime, lifetime, maxIssuers)

    /**
     * The same with another maximum of accepted issuers in the cache, and of refused ones, 1 to 65,536; the least
     * recently used leave first. Default: 1,000.
     */
    public fun maxIssuers(maxIssuers: Int): IssuerResolver = IssuerResolver(function, lifetime, negativeLifetime, maxIssuers)

    internal fun toNative(): ResolverSettings =
        ResolverSettings(function, lifetime?.seconds, negativeLifetime?.seconds, maxIssuers?.toLong())

    override fun toString(): String = "IssuerResolver"

    /** The kinds of resolvers. */
    public companion object {
        /**
         * A function that returns the settings of an issuer, or `null` if its tokens are not accepted. It is given the
         * `iss` of a token that is not verified yet: look it up among those that you know, and never make the address of
         * its keys from an unknown one. The settings must name it among their [IssuerConfig.issuers]; they are used for
         * it alone.
         */
        @JvmSynthetic
        public fun function(resolve: suspend (issuer: String) -> IssuerConfig?): IssuerResolver =
            IssuerResolver(ResolverFunction.Issuers(Issuers(resolve)))

        /** A function, for Java: as the other one, with a future. */
        @JvmStatic
        public fun function(resolve: Function<String, out CompletionStage<IssuerConfig?>>): IssuerResolver =
            function { issuer: String -> resolve.apply(issuer).await() }

        /**
         * A resolver of the tenants of Microsoft Entra ID that [isAccepted] accepts, by their ids, with the settings of
         * [IssuerConfig.entra]. It is asked only about the `iss` of Entra's tokens of version 1.0 and 2.0.
         */
        @JvmSynthetic
        public fun entra(audience: String, isAccepted: suspend (tenant: String) -> Boolean): IssuerResolver =
            IssuerResolver(ResolverFunction.EntraTenants(audience, Tenants(isAccepted)))

        /** A resolver of Entra's tenants, for Java: as the other one, with a future. */
        @JvmStatic
        public fun entra(audience: String, isAccepted: Function<String, out CompletionStage<Boolean>>): IssuerResolver =
            entra(audience) { tenant: String -> isAccepted.apply(tenant).await() }
    }
}

private class Issuers(private val resolve: suspend (String) -> IssuerConfig?) : IssuerFunction {
    /** The caller is a native thread, which serves every call. */
    override fun begin(issuer: String, reply: IssuerReply) {
        CoroutineScope(Workers).launch {
            reply.use {
                try {
                    it.succeed(resolve(issuer)?.toNative())
                } catch (error: Throwable) {
                    // Only the class: the message may hold anything.
                    it.fail("it threw ${error.javaClass.name}")
                }
            }
        }
    }
}

private class Tenants(private val isAccepted: suspend (String) -> Boolean) : TenantFunction {
    override fun begin(tenant: String, reply: TenantReply) {
        CoroutineScope(Workers).launch {
            reply.use {
                try {
                    it.succeed(isAccepted(tenant))
                } catch (error: Throwable) {
                    it.fail("it threw ${error.javaClass.name}")
                }
            }
        }
    }
}
