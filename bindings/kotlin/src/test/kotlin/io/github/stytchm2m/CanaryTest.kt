package io.github.stytchm2m

import com.google.gson.Gson
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.ByteArrayOutputStream
import java.io.NotSerializableException
import java.io.ObjectOutputStream
import java.time.Instant

/** No secret shows, however an object or an error is printed. */
internal class CanaryTest {
    private val canaries = mutableSetOf("canary-project-secret", "canary-client-secret", "canary-access-token")
    private val seen = mutableListOf<String>()

    /** Prints [value] in every way that a log might. */
    private fun show(value: Any) {
        seen += listOf(value.toString(), "$value", String.format("%s", value), listOf(value).toString())
        if (value is Throwable) {
            seen += value.stackTraceToString()
        } else {
            seen += runCatching { Gson().toJson(value) }.getOrDefault("")
        }
        seen += runCatching { serialized(value) }.getOrElse {
            if (it is NotSerializableException) "" else throw it
        }
    }

    private fun serialized(value: Any): String {
        val bytes = ByteArrayOutputStream()
        ObjectOutputStream(bytes).use { it.writeObject(value) }
        return bytes.toString(Charsets.ISO_8859_1)
    }

    @Test
    fun `no object and no error shows a secret`() = test {
        val secret = Secret("canary-client-secret")
        Client().use { client ->
            val created = client.m2m.clients.create(emptyList(), clientSecret = secret)
            val id = created.m2mClient.clientId
            val token = client.m2m.token(id, secret)
            val rotation = client.m2m.clients.secrets.rotateStart(id)
            val claims = client.m2m.authenticateToken(token.accessToken)
            canaries += listOf(token.accessToken.reveal(), rotation.m2mClient.nextClientSecret.reveal())
            val objects = listOf(secret, created, created.m2mClient, token, token.accessToken, rotation, claims)
            objects.forEach(::show)
            listOf(client, client.m2m, client.m2m.clients, token.authorizationHeader()).forEach(::show)
            show(failure<M2mException> { client.m2m.clients.create(emptyList(), id, secret) })
            show(failure<M2mException> { client.m2m.authenticateToken(Secret("canary-access-token")) })
            val (header, payload) = token.accessToken.reveal().split(".")
            show(failure<M2mException> { client.m2m.authenticateToken(Secret("$header.$payload.AAAA")) })
        }
        Client(secret = Secret("canary-project-secret")).use { client ->
            show(client)
            show(failure<M2mException> { client.m2m.clients.get("some-client") })
        }
        show(failure<M2mException> { Client(secret = Secret("canary-project-secret\n")) })
        Client(baseUrl = closedPort()).use { show(failure<M2mException> { it.m2m.token("id", secret) }) }
        TokenSource("some-client", secret).use { source ->
            show(source)
            show(failure<M2mException> { source.getToken() })
        }
        show(failure<M2mException> { TokenSource("some-client", Secret("canary-client-secret ")) })

        assertTrue(seen.size > 60)
        for (canary in canaries) {
            assertEquals(emptyList<String>(), seen.filter { canary in it })
        }
    }

    @Test
    fun `claims print as their names`() {
        val canary = "canary-claim"
        val custom = CustomClaims("""{"tenant":"$canary"}""")
        val claims =
            TokenClaims(canary, listOf(canary), false, custom, canary, listOf(canary), null, null, Instant.EPOCH, canary, canary, canary)
        assertEquals("TokenClaims(aud, exp, iss, jti, scope, sub, tenant)", "$claims")
        assertEquals("CustomClaims[tenant]", "$custom")
    }

    @Test
    fun `the generated code below shows none either`() {
        val native = Secret("canary-client-secret").toNative()
        assertEquals("[REDACTED]", native.toString())
    }
}
