package io.github.stytchm2m

import io.github.stytchm2m.testing.Emulator
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec
import java.time.Duration
import java.util.Base64
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import java.util.function.Supplier

/** The ways in which a client authenticates, and secrets that change while a source is in use. */
internal class CredentialsTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun `a function is called once for many callers, and again when its secret is refused`() = test {
        Rotating().use { rotating ->
            val calls = AtomicInteger()
            val secret = SecretSource.function {
                calls.incrementAndGet()
                delay(20)
                rotating.secret
            }
            rotating.source(secret).use { source ->
                val tokens = coroutineScope { List(20) { async { source.getToken().accessToken } }.awaitAll() }
                assertEquals(1, tokens.toSet().size)
                assertEquals(1, calls.get())
                rotating.rotate()
                source.invalidate(tokens.first())
                rotating.verify(source.getToken())
                assertEquals(2, calls.get())
            }
            assertEquals("SecretSource.function", "$secret")
        }
    }

    @Test
    fun `a file that changes, and a future, give the new secret`() = test {
        Rotating().use { rotating ->
            val file = Files.writeString(folder.resolve("secret"), rotating.secret + "\n")
            val fromFile = rotating.source(SecretSource.file(file))
            val fromFuture = rotating.source(SecretSource.function(Supplier { CompletableFuture.completedFuture(rotating.secret) }))
            for (source in listOf(fromFile, fromFuture)) {
                source.use {
                    val token = it.getToken()
                    rotating.rotate()
                    Files.writeString(file, rotating.secret)
                    it.invalidate(token.accessToken)
                    rotating.verify(it.getToken())
                }
            }
        }
    }

    @Test
    fun `the next secret is tried when the current one is refused`() = test {
        Rotating().use { rotating ->
            val old = rotating.secret
            rotating.rotate()
            TokenSource(
                rotating.clientId,
                Secret(old),
                projectId = rotating.emulator.projectId,
                baseUrl = rotating.emulator.baseUrl,
                nextClientSecret = SecretSource.value(rotating.secret),
            ).use { rotating.verify(it.getToken()) }
        }
    }

    @Test
    fun `a function that throws is named by the class of its exception alone`() = test {
        Rotating().use { rotating ->
            val throwing = SecretSource.function { throw IOException("canary") }
            val failing = SecretSource.function(Supplier { CompletableFuture.failedFuture<String>(IOException("canary")) })
            for (secret in listOf(throwing, failing)) {
                rotating.source(secret).use { source ->
                    val failure = failure<M2mException.Network> { source.getToken() }
                    val message = failure.message.orEmpty()
                    assertTrue("clientSecret" in message && "java.io.IOException" in message, message)
                    assertFalse("canary" in failure.stackTraceToString())
                }
            }
        }
    }

    @Test
    fun `a function that hangs ends with the attempt`() = test {
        Rotating().use { rotating ->
            val never = SecretSource.function { delay(Long.MAX_VALUE).let { "" } }
            rotating.source(never, TransportConfig(attemptTimeout = Duration.ofMillis(200))).use { source ->
                val failure = failure<M2mException.Timeout> { source.getToken() }
                assertTrue("clientSecret" in failure.message.orEmpty(), failure.message)
            }
        }
    }

    @Test
    fun `a key signs the assertions of a client`() = test {
        val keys = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()
        val seed = """
            {"clients": [{"client_id": "signer", "scopes": ["read:users"], "jwks": {"keys": [${jwk(keys)}]},
              "token_endpoint_auth_methods": ["private_key_jwt"]}]}
        """.trimIndent()
        Emulator.start(seed).use { emulator ->
            val key = SecretSource.value(pem(keys))
            val source = TokenSource.builder().clientId("signer").privateKey(key).keyId("signer-key")
                .signingAlgorithm(Algorithm.ES256).projectId(emulator.projectId).baseUrl(emulator.baseUrl)
            source.build().use { assertEquals(200, it.getToken().statusCode) }
            // Without the key it is refused.
            val wrong = source.privateKey(null).keyId(null).signingAlgorithm(null).clientSecret(Secret("some-secret"))
            wrong.build().use { failure<M2mException.Authentication> { it.getToken() } }
        }
    }

    @Test
    fun `an id and a secret in the header, and a client without a secret`() = test {
        val seed = """
            {"clients": [
              {"client_id": "basic", "client_secret": "a-secret-for-tests-0123456789", "scopes": ["read:users"],
                "token_endpoint_auth_methods": ["client_secret_basic"]},
              {"client_id": "public", "client_secret": "a-secret-for-tests-0123456789", "scopes": ["read:users"],
                "token_endpoint_auth_methods": ["none"]}]}
        """.trimIndent()
        Emulator.start(seed).use { emulator ->
            val basic = TokenSource.builder("basic", Secret("a-secret-for-tests-0123456789")).clientAuth(ClientAuth.CLIENT_SECRET_BASIC)
            val public = TokenSource.builder().clientId("public").clientAuth(ClientAuth.NONE)
            for (builder in listOf(basic, public)) {
                builder.projectId(emulator.projectId).baseUrl(emulator.baseUrl).build().use {
                    assertEquals(200, it.getToken().statusCode)
                }
            }
        }
    }

    @Test
    fun `an issuer is enough, for a source and for a verifier`() = test {
        val seed = """
            {"token_settings": {"custom_domain": true}, "clients": [
              {"client_id": "billing", "client_secret": "a-secret-for-tests-0123456789", "scopes": ["read:users"]}]}
        """.trimIndent()
        Emulator.start(seed).use { emulator ->
            val secret = Secret("a-secret-for-tests-0123456789")
            val (audience, resource) = "https://api.example.com" to "https://invoices.example.com"
            val source = TokenSource(
                "billing",
                secret,
                issuer = emulator.baseUrl,
                audience = audience,
                resource = listOf(resource),
            )
            val discovered = TokenVerifier(listOf(IssuerConfig.discover(emulator.baseUrl, listOf(audience))))
            val claims = discovered.authenticateToken(source.getToken().accessToken)
            assertEquals("billing", claims.clientId)
            assertTrue(claims.audience.containsAll(listOf(audience, resource)), "${claims.audience}")
            source.close()

            emulator.clientBuilder().build().use { client ->
                val token = client.m2m.token("billing", secret, audience = audience, resource = listOf(resource))
                assertTrue(discovered.authenticateToken(token.accessToken).audience.contains(resource))
            }
        }
    }

    @Test
    fun `settings that contradict each other are refused`() {
        val wrong = failure<M2mException.InvalidConfig> {
            TokenSource("id", Secret("some-secret"), privateKey = SecretSource.file("/no/key"), projectId = "project-test-1")
        }
        assertTrue(wrong.field in listOf("private_key", "client_secret", "client_auth"), wrong.message)
        val nothing = failure<M2mException.InvalidConfig> { TokenSource("id", projectId = "project-test-1") }
        assertEquals("client_secret", nothing.field)
        val unset = failure<M2mException.InvalidConfig> {
            Client(secret = SecretSource.env("STYTCH_M2M_NO_SUCH_VARIABLE"))
        }
        assertEquals("secret", unset.field)
    }

    @Test
    fun `the project's secret comes from a variable`() = test {
        Client(secret = SecretSource.env("STYTCH_SECRET")).use { client ->
            assertEquals(200, client.m2m.clients.search(limit = 1).statusCode)
        }
    }

    @Test
    fun `a source takes all from the environment`() {
        Rotating().use { rotating ->
            val file = Files.writeString(folder.resolve("secret"), rotating.secret)
            val program = ProcessBuilder(
                "${System.getProperty("java.home")}/bin/java",
                "-cp",
                System.getProperty("java.class.path"),
                "io.github.stytchm2m.EnvironmentProgram",
            ).redirectErrorStream(true)
            program.environment() += rotating.emulator.environment
            program.environment() += mapOf(
                "STYTCH_CLIENT_ID" to rotating.clientId,
                "STYTCH_CLIENT_SECRET_FILE" to file.toString(),
            )
            val process = program.start()
            val shown = process.inputStream.bufferedReader().readText()
            assertTrue(process.waitFor(1, TimeUnit.MINUTES), shown)
            assertTrue("a token for ${rotating.clientId}" in shown, shown)
        }
    }

    /** A client whose secret is rotated. */
    private class Rotating : AutoCloseable {
        val emulator = Emulator.start()
        private val client = emulator.clientBuilder().build()
        val clientId: String

        @Volatile
        var secret: String

        init {
            val created = kotlinx.coroutines.runBlocking { client.m2m.clients.create(listOf("read:users")) }.m2mClient
            clientId = created.clientId
            secret = created.clientSecret.reveal()
        }

        fun source(secret: SecretSource, transport: TransportConfig = TransportConfig()): TokenSource =
            TokenSource(
                clientId,
                secret,
                projectId = emulator.projectId,
                baseUrl = emulator.baseUrl,
                transport = transport,
            )

        suspend fun rotate() {
            client.m2m.clients.secrets.rotateWith(clientId) { secret = it.reveal() }
        }

        suspend fun verify(token: Token) {
            assertEquals(clientId, client.m2m.authenticateToken(token.accessToken).clientId)
        }

        override fun close() {
            client.close()
            emulator.close()
        }
    }

    private fun jwk(keys: KeyPair): String {
        val point = (keys.public as ECPublicKey).w
        val coordinate = { number: java.math.BigInteger ->
            val bytes = number.toByteArray().takeLast(32).toByteArray()
            Base64.getUrlEncoder().withoutPadding().encodeToString(ByteArray(32 - bytes.size) + bytes)
        }
        val (x, y) = coordinate(point.affineX) to coordinate(point.affineY)
        return """{"kty": "EC", "crv": "P-256", "kid": "signer-key", "alg": "ES256", "x": "$x", "y": "$y"}"""
    }

    private fun pem(keys: KeyPair): String {
        val text = Base64.getMimeEncoder(64, "\n".toByteArray()).encodeToString(keys.private.encoded)
        return "-----BEGIN PRIVATE KEY-----\n$text\n-----END PRIVATE KEY-----\n"
    }
}
