package io.github.stytchm2m

import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import java.math.BigDecimal
import java.math.BigInteger
import java.time.Duration
import java.util.Base64

/** Verification as a service uses it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
internal class TokenVerifierTest {
    private val client = Client()
    private val verifier = TokenVerifier()

    @AfterAll
    fun close() {
        client.close()
        verifier.close()
    }

    private suspend fun token(vararg scopes: String): String {
        val created = client.m2m.clients.create(scopes.toList()).m2mClient
        return client.m2m.token(created.clientId, created.clientSecret).accessToken.reveal()
    }

    @Test
    fun `scopes are compared, with wildcards`() = test {
        val token = token("read:*", "write:users")
        verifier.authenticateToken(token, listOf("read:anything", "write:users"))
        val lacking = failure<M2mException.InsufficientScope> {
            verifier.authenticateToken(token, listOf("read:users", "delete:users"))
        }
        assertEquals(listOf("delete:users"), lacking.missingScopes)
        assertEquals(403, lacking.httpStatus)
        assertTrue("delete:users" in lacking.wwwAuthenticate!!)
    }

    @Test
    fun `a changed token is refused with its reason`() = test {
        val (header, payload, signature) = token("read:users").split(".")
        val forged = String(Base64.getUrlDecoder().decode(payload)).replace("read:users", "root:users")
        val encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(forged.toByteArray())
        val refused = failure<M2mException.InvalidToken> {
            verifier.authenticateToken("$header.$encoded.$signature")
        }
        assertEquals(InvalidTokenReason.SIGNATURE_INVALID, refused.reason)
        assertEquals(401, refused.httpStatus)
        for (text in listOf("", "no token", "\u0000", "\uD800", "x".repeat(1 shl 20))) {
            val malformed = failure<M2mException.InvalidToken> { verifier.authenticateToken(text) }
            assertEquals("malformed", malformed.reason?.code)
        }
    }

    @Test
    fun `age and tolerance are checked`() = test {
        val token = token("read:users")
        val old = failure<M2mException.InvalidToken> {
            verifier.authenticateToken(token, maxTokenAge = Duration.ZERO)
        }
        assertEquals(InvalidTokenReason.TOO_OLD, old.reason)
        for (tolerance in listOf(-1L, 301L)) {
            val wrong = failure<M2mException.InvalidConfig> {
                verifier.authenticateToken(token, clockTolerance = Duration.ofSeconds(tolerance))
            }
            assertEquals("clock_tolerance_seconds", wrong.field)
        }
        val negative = failure<M2mException.InvalidConfig> {
            verifier.authenticateToken(token, maxTokenAge = Duration.ofMillis(-1))
        }
        assertEquals("max_token_age_seconds", negative.field)
    }

    @Test
    fun `authorize decides in place of the scopes`() = test {
        val token = token("read:users")
        var asked = emptyList<String>()
        verifier.authenticateToken(token, listOf("delete:users")) { claims, required ->
            asked = claims.scopes + required
            true
        }
        assertEquals(listOf("read:users", "delete:users"), asked)
        val refused = failure<M2mException.InsufficientScope> {
            verifier.authenticateToken(token, listOf("read:users", "delete:users")) { _, _ -> false }
        }
        assertEquals(listOf("delete:users"), refused.missingScopes)
        assertEquals("""Bearer error="insufficient_scope", scope="delete:users"""", refused.wwwAuthenticate)
        val granted = failure<M2mException.InsufficientScope> {
            verifier.authenticateToken(token, listOf("read:users")) { _, _ -> false }
        }
        assertEquals(emptyList<String>(), granted.missingScopes)
        val own = IllegalArgumentException("mine")
        val thrown = failure<IllegalArgumentException> {
            verifier.authenticateToken(token) { _, _ -> throw own }
        }
        assertSame(own, thrown)
        failure<M2mException.InvalidToken> { verifier.authenticateToken("$token.", authorize = { _, _ -> true }) }
    }

    @Test
    fun `another issuer's tokens are refused`() = test {
        val token = token("read:users")
        val elsewhere = TestIssuer().config
        TokenVerifier(listOf(elsewhere)).use { other ->
            val refused = failure<M2mException.InvalidToken> { other.authenticateToken(token) }
            assertEquals(InvalidTokenReason.KEY_NOT_FOUND, refused.reason)
        }
        val renamed = IssuerConfig.auth0("example.eu.auth0.com", "api", mapOf("a" to "b"))
        assertEquals(mapOf("a" to "b"), renamed.scopeMap)
        val both = listOf(elsewhere, IssuerConfig.stytch(), IssuerConfig.auth0("example.eu.auth0.com", "api"))
        TokenVerifier(both).use { it.authenticateToken(token) }
    }

    @Test
    fun `keys that cannot be had are not the token's fault`() = test {
        val token = token("read:users")
        val away = IssuerConfig.stytch().toBuilder().keys(KeySource.Url("${closedPort()}/jwks")).build()
        TokenVerifier(listOf(away)).use { verifier ->
            val unavailable = failure<M2mException.KeysUnavailable> { verifier.authenticateToken(token) }
            assertEquals(503, unavailable.httpStatus)
            assertNull(unavailable.wwwAuthenticate)
            failure<M2mException.KeysUnavailable> { verifier.warmUp() }
        }
    }

    @Test
    fun `the token is taken from an Authorization header`() = test {
        assertEquals("a.b.c", tokenFromAuthorizationHeader("bearer  a.b.c").reveal())
        for ((header, reason, challenge) in listOf(
            Triple(null, InvalidTokenReason.MISSING, "Bearer"),
            Triple("Basic a.b.c", InvalidTokenReason.MISSING, "Bearer"),
            Triple("Bearer", InvalidTokenReason.MALFORMED, "Bearer error=\"invalid_token\""),
            Triple("Bearer \uD800 x", InvalidTokenReason.MALFORMED, "Bearer error=\"invalid_token\""),
            Triple("Bearer a.b.c d.e.f", InvalidTokenReason.MALFORMED, "Bearer error=\"invalid_token\""),
        )) {
            val refused = failure<M2mException.InvalidToken> { tokenFromAuthorizationHeader(header) }
            assertEquals(reason, refused.reason)
            assertEquals(challenge, refused.wwwAuthenticate)
            assertEquals(401, refused.httpStatus)
        }
    }

    @Test
    fun `two Authorization headers are refused`() {
        assertEquals("a.b.c", tokenFromAuthorizationHeaders(listOf("Bearer a.b.c")).reveal())
        for ((headers, reason) in listOf(
            emptyList<String>() to InvalidTokenReason.MISSING,
            listOf("Bearer a.b.c", "Bearer a.b.c") to InvalidTokenReason.MALFORMED,
            listOf("Basic x", "Bearer a.b.c") to InvalidTokenReason.MALFORMED,
            listOf("Bearer \uD800 x") to InvalidTokenReason.MALFORMED,
        )) {
            val refused = failure<M2mException.InvalidToken> { tokenFromAuthorizationHeaders(headers) }
            assertEquals(reason, refused.reason)
        }
    }

    @Test
    fun `claims know which scopes they lack`() = test {
        val claims = verifier.authenticateToken(token("read:*", "write:users"))
        val required = listOf("read:users", "write:users", "write:keys", "\uD800")
        assertEquals(listOf("write:keys", "?"), claims.missingScopes(required))
        assertEquals(listOf("read:users", "write:keys", "?"), withoutWildcards(claims).missingScopes(required))
    }

    private fun withoutWildcards(claims: TokenClaims): TokenClaims =
        with(claims) {
            val wildcards = false
            TokenClaims(
                clientId,
                scopes,
                wildcards,
                customClaims,
                issuer,
                audience,
                issuedAt,
                notBefore,
                expiresAt,
                tokenId,
                subject,
                organization,
            )
        }

    @Test
    fun `custom claims are read by type`() = test {
        val issuer = TestIssuer()
        val token = issuer.token(
            """"n":1,"d":1.5,"big":18446744073709551615,"s":"x","b":true,"l":["a","b"],"m":["a",1],"o":{"k":[null]}""",
        )
        val claims = TokenVerifier(listOf(issuer.config)).use { it.authenticateToken(token) }.customClaims
        assertEquals(1L, claims.long("n"))
        assertEquals(1.0, claims.double("n"))
        assertEquals(1.5, claims.double("d"))
        assertEquals(1.8446744073709552E19, claims.double("big"))
        assertNull(claims.long("d"))
        assertEquals("x", claims.string("s"))
        assertEquals(true, claims.boolean("b"))
        assertEquals(listOf("a", "b"), claims.strings("l"))
        assertNull(claims.strings("m"))
        assertEquals(mapOf("k" to listOf(null)), claims["o"])
        assertNull(claims.string("absent"))
        assertEquals(setOf("n", "d", "big", "s", "b", "l", "m", "o"), claims.toMap().keys)
        assertTrue(""""s":"x"""" in claims.json)
        assertEquals("CustomClaims[b, big, d, l, m, n, o, s]", claims.toString())
    }

    @Test
    fun `numbers in claims keep every digit`() = test {
        val issuer = TestIssuer()
        val (id, digits) = "18446744073709551616" to "1234567890".repeat(6)
        val token = issuer.token(
            """"id":$id,"long":$digits,"rate":0.12345678901234567890,"small":7,"half":1.5,"l":[$id]""",
        )
        val claims = TokenVerifier(listOf(issuer.config)).use { it.authenticateToken(token) }.customClaims
        assertEquals(BigInteger(id), claims.bigInteger("id"))
        assertEquals(BigInteger(digits), claims["long"])
        assertEquals(BigDecimal(digits), claims.bigDecimal("long"))
        assertNull(claims.long("id"))
        assertEquals(18446744073709551616.0, claims.double("id"))
        assertEquals(BigDecimal("0.12345678901234567890"), claims.bigDecimal("rate"))
        assertEquals(BigInteger.valueOf(7), claims.bigInteger("small"))
        assertEquals(BigDecimal("1.5"), claims.bigDecimal("half"))
        assertNull(claims.bigInteger("half"))
        assertEquals(listOf(BigInteger(id)), claims["l"])
        assertTrue(""""id":$id""" in claims.json && digits in claims.json)
    }

    @Test
    fun `numbers in metadata keep every digit`() = test {
        val digits = "123456789012345678901234567890"
        val client = """{"client_id":"c","client_name":"","client_description":"","status":"active","scopes":[],""" +
            """"client_secret_last_four":"1234","next_client_secret_last_four":null,"trusted_metadata":{"id":$digits}}"""
        RecordingServer().use { server ->
            server.answer { 200 to """{"m2m_client":$client,"request_id":"r","status_code":200}""" }
            Client(baseUrl = server.origin).use { client ->
                val updated = client.m2m.clients.update("c", trustedMetadata = """{"id":$digits,"rate":0.12345678901234567890}""")
                assertEquals("""{"id":$digits}""", updated.m2mClient.trustedMetadata)
            }
            assertTrue(""""id":$digits""" in server.bodies.single())
            assertTrue(""""rate":0.12345678901234567890""" in server.bodies.single())
        }
    }
}
