package io.github.stytchm2m.examples

import io.github.stytchm2m.B2BClient
import io.github.stytchm2m.Client
import io.github.stytchm2m.M2mException
import io.github.stytchm2m.TokenSource
import kotlinx.coroutines.flow.firstOrNull
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test

/** The oldest compiler reads the package's classes, and the oldest libraries run them. */
internal class OldestKotlinTest {
    @Test
    fun `the oldest Kotlin creates, fetches and verifies`(): Unit = runBlocking {
        Client().use { client ->
            val created = client.m2m.clients.create(scopes = listOf("read:users")).m2mClient
            TokenSource(created.clientId, created.clientSecret).use { source ->
                val token = source.getToken().accessToken
                val claims = client.m2m.authenticateToken(token, requiredScopes = listOf("read:users"))
                assertEquals(created.clientId, claims.clientId)
                assertThrows(M2mException.InsufficientScope::class.java) {
                    runBlocking { client.m2m.authenticateToken(token, requiredScopes = listOf("write:users")) }
                }
            }
            client.m2m.clients.searchAll().firstOrNull()
        }
        B2BClient().close()
    }
}
