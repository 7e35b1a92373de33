package io.github.stytchm2m

import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CopyOnWriteArrayList
import java.util.function.Function

/** Issuers that are not listed: a function decides. */
internal class IssuerResolverTest {
    private val listed = TestIssuer("https://listed.example.com")
    private val customer = TestIssuer("https://customer.example.com")
    private val asked = CopyOnWriteArrayList<String>()

    private fun knowsCustomer(issuer: String): IssuerConfig? {
        asked += issuer
        return customer.config.takeIf { issuer == customer.name }
    }

    @Test
    fun `a listed issuer is never asked about, another once, and an unknown one is remembered`() = test {
        val resolver = IssuerResolver.function { issuer: String -> knowsCustomer(issuer) }
        TokenVerifier(listOf(listed.config), issuerResolver = resolver).use { verifier ->
            assertEquals(listed.name, verifier.authenticateToken(listed.token()).issuer)
            assertEquals(emptyList<String>(), asked)

            val claims = coroutineScope {
                List(20) { number -> async { verifier.authenticateToken(customer.token(""""jti":"$number"""")) } }.awaitAll()
            }
            assertEquals(setOf(customer.name), claims.map { it.issuer }.toSet())
            assertEquals(listOf(customer.name), asked)

            val stranger = TestIssuer("https://stranger.example.com")
            repeat(3) {
                val refused = failure<M2mException.InvalidToken> { verifier.authenticateToken(stranger.token()) }
                assertEquals("iss", refused.claim)
            }
            assertEquals(listOf(customer.name, stranger.name), asked)
            val forged = TestIssuer(customer.name).token()
            val refused = failure<M2mException.InvalidToken> { verifier.authenticateToken(forged) }
            assertEquals(InvalidTokenReason.SIGNATURE_INVALID, refused.reason)
        }
    }

    @Test
    fun `a function that fails is a 503 that names its exception's class alone`() = test {
        val resolver = IssuerResolver.function { _: String -> error("canary of the table") }
        TokenVerifier(emptyList(), issuerResolver = resolver).use { verifier ->
            val away = failure<M2mException.KeysUnavailable> { verifier.authenticateToken(customer.token()) }
            assertEquals(503, away.refusal?.status)
            assertTrue("java.lang.IllegalStateException" in away.message.orEmpty(), away.message)
            assertTrue("canary" !in away.message.orEmpty(), away.message)
        }
    }

    @Test
    fun `settings of another issuer than the one that was asked about are not used`() = test {
        val resolver = IssuerResolver.function { _: String -> listed.config }
        TokenVerifier(emptyList(), issuerResolver = resolver).use { verifier ->
            failure<M2mException.KeysUnavailable> { verifier.authenticateToken(customer.token()) }
        }
    }

    @Test
    fun `a future will do, for Java`() = test {
        val resolve = Function<String, CompletableFuture<IssuerConfig?>> { CompletableFuture.supplyAsync { knowsCustomer(it) } }
        TokenVerifier(emptyList(), issuerResolver = IssuerResolver.function(resolve)).use { verifier ->
            assertEquals(customer.name, verifier.authenticateToken(customer.token()).issuer)
        }
    }

    @Test
    fun `Entra's tenants are asked about by their ids, and other issuers are none`() = test {
        val tenant = "0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a"
        val resolver = IssuerResolver.entra("api://orders") { id: String ->
            asked += id
            false
        }
        TokenVerifier(emptyList(), issuerResolver = resolver).use { verifier ->
            for (name in listOf("https://sts.windows.net/$tenant/", "https://evil.test/$tenant/v2.0", customer.name)) {
                failure<M2mException.InvalidToken> { verifier.authenticateToken(TestIssuer(name).token()) }
            }
        }
        assertEquals(listOf(tenant), asked)
    }

    @Test
    fun `wrong limits are found when the verifier is made`() = test {
        val resolver = IssuerResolver.function { issuer: String -> knowsCustomer(issuer) }
        for ((field, wrong) in listOf(
            "lifetime" to resolver.lifetime(Duration.ZERO),
            "lifetime" to resolver.lifetime(Duration.ofSeconds(-1)),
            "negative_lifetime" to resolver.negativeLifetime(Duration.ofDays(2)),
            "max_issuers" to resolver.maxIssuers(0),
        )) {
            val found = failure<M2mException.InvalidConfig> { TokenVerifier(emptyList(), issuerResolver = wrong) }
            assertEquals(field, found.field)
        }
        assertEquals("issuers", failure<M2mException.InvalidConfig> { TokenVerifier(emptyList()) }.field)
    }

    @Test
    fun `a project has several names, and tenants of Entra may be a list`() {
        val several = IssuerConfig.stytch("project-test-1", baseUrls = listOf("https://login.example.com", "https://api.example.com"))
        assertTrue(several.issuers.containsAll(listOf("https://login.example.com", "https://api.example.com")))
        val tenants = listOf("0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a", "1a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a")
        assertEquals(4, IssuerConfig.entra(tenants, "api://orders").issuers.size)
    }
}
