package io.github.stytchm2m

import io.github.stytchm2m.internal.ErrorDetails
import io.github.stytchm2m.internal.ErrorKind
import io.github.stytchm2m.internal.failWith
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test
import java.time.Duration
import io.github.stytchm2m.internal.InvalidTokenReason as NativeReason

/** Every failure of the core comes out as its own class, with all that it carries. */
internal class ErrorMappingTest {
    private fun thrown(details: ErrorDetails): M2mException =
        failure<M2mException> { translated { failWith(details) } }

    private fun details(kind: ErrorKind, reason: NativeReason? = null) =
        ErrorDetails(
            kind = kind,
            message = "what was wrong",
            field = "a field",
            statusCode = 418u,
            requestId = "request-id-test-1",
            errorType = "some_type",
            errorMessage = "the server's words",
            errorUrl = "https://example.com/errors",
            retryAfter = Duration.ofMillis(1500),
            reason = reason,
            claim = "exp",
            missingScopes = listOf("a:b"),
            recovery = "look there",
        )

    @Test
    fun `each kind has a class and a code`() {
        val errors = ErrorKind.entries.map { thrown(details(it)) }
        assertEquals(16, errors.map { it.javaClass }.toSet().size)
        assertEquals(ErrorKind.entries.map { it.name.lowercase() }, errors.map { it.code })
        for (error in errors) {
            val words = error.javaClass.simpleName.split(Regex("(?=[A-Z])")).filter { it.isNotEmpty() }
            assertEquals(error.code, words.joinToString("_").lowercase())
        }
    }

    @Test
    fun `each field arrives`() {
        for (kind in ErrorKind.entries) {
            val error = thrown(details(kind, NativeReason.EXPIRED))
            assertEquals("${error.code}: what was wrong (request_id request-id-test-1)", error.message)
            assertEquals("a field", error.field)
            assertEquals(418, error.statusCode)
            assertEquals("request-id-test-1", error.requestId)
            assertEquals("some_type", error.errorType)
            assertEquals("the server's words", error.errorMessage)
            assertEquals("https://example.com/errors", error.errorUrl)
            assertEquals(Duration.ofMillis(1500), error.retryAfter)
            assertEquals(InvalidTokenReason.EXPIRED, error.reason)
            assertEquals("exp", error.claim)
            assertEquals(listOf("a:b"), error.missingScopes)
            assertEquals("look there", error.recovery)
        }
    }

    @Test
    fun `what may pass is transient, the rest is not`() {
        val transient = ErrorKind.entries.filter { thrown(details(it)).isTransient }.map { it.name.lowercase() }
        assertEquals(listOf("rate_limited", "service", "network", "timeout", "keys_unavailable"), transient)
    }

    @Test
    fun `each reason has the name that the core gives it`() {
        assertEquals(NativeReason.entries.size, InvalidTokenReason.entries.size)
        for (native in NativeReason.entries) {
            val error = thrown(details(ErrorKind.INVALID_TOKEN, native))
            assertEquals(native.name, error.reason?.name)
        }
        assertNull(thrown(details(ErrorKind.INVALID_TOKEN)).reason)
    }

    @Test
    fun `what is about the token has an answer to its caller, the rest has none`() {
        val answers = ErrorKind.entries.associate { it.name.lowercase() to thrown(details(it)).refusal }
        val refusals = answers.filterValues { it != null }
        assertEquals(setOf("invalid_token", "insufficient_scope", "keys_unavailable"), refusals.keys)
        for ((code, refusal) in refusals) {
            assertEquals("""{"error":"$code"}""", refusal?.body)
            assertEquals("no-store", refusal?.headers?.get("Cache-Control"))
        }
        assertEquals("2", refusals.getValue("keys_unavailable")?.headers?.get("Retry-After"))
        assertEquals(listOf(401, 403, 503), refusals.values.map { it?.status })
    }
}
