package io.github.stytchm2m

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** The organization-scoped API, whose calls `tests/scenarios` plays. */
internal class OrganizationClientTest {
    private val authorization = Secret("Bearer ${Emulator.organizationAuthorization()}")

    @Test
    fun `its token is fetched once, and anew after a rotation`() = test {
        OrganizationClient(Emulator.baseUrl, authorization).use { organization ->
            val token = organization.token()
            assertEquals(token.accessToken, organization.token().accessToken)
            assertEquals(CacheStats(1, 1, 1, 0, 0, 0), organization.stats())
            val rotated = organization.rotate()
            assertEquals(rotated, organization.clientSecret())
            organization.token()
            assertEquals(2, organization.stats().refreshes)
            assertTrue("Bearer" !in "$organization $rotated $authorization")
        }
    }

    @Test
    fun `a wrong setting is named`() {
        for ((field, baseUrl, secret) in listOf(
            Triple("base_url", "http://api.example.com", "canary"),
            Triple("authorization", Emulator.baseUrl, ""),
            Triple("authorization", Emulator.baseUrl, "canary\n"),
        )) {
            val error = failure<M2mException.InvalidConfig> { OrganizationClient(baseUrl, Secret(secret)) }
            assertEquals(field, error.field)
            assertTrue("canary" !in error.stackTraceToString())
        }
    }

    @Test
    fun `a closed one refuses every call`() = test {
        val organization = OrganizationClient(Emulator.baseUrl, authorization).also { it.close() }
        val calls = listOf<suspend () -> Unit>(
            { organization.clientId() },
            { organization.clientSecret() },
            { organization.token() },
            { organization.rotate() },
            { organization.stats() },
        )
        for (call in calls) {
            assertEquals("organization client", failure<M2mException.InvalidConfig> { call() }.field)
        }
    }
}
