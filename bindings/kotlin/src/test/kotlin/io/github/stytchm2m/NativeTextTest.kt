package io.github.stytchm2m

import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance

/** Text reaches the verifier whole: nothing is cut, mapped or left out until it is a good token's. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
internal class NativeTextTest {
    private val issuer = TestIssuer()
    private val token = issuer.token(""""scope":"read:users","name":"J\u00fcrgen \uD83D\uDE00"""")
    private val verifiers = listOf(0, 1_000).map { size ->
        TokenVerifier(listOf(issuer.config), verifiedTokenCacheSize = size)
    }

    @AfterAll
    fun close() = verifiers.forEach { it.close() }

    private suspend inline fun <reified E : M2mException> failures(
        token: String,
        scopes: List<String> = listOf("read:users"),
    ): List<E> = verifiers.map { verifier ->
        verifier.authenticateToken(this.token, listOf("read:users"))
        failure<E> { verifier.authenticateToken(token, scopes) }
    }

    @Test
    fun `a token's twin outside of ASCII is refused`() = test {
        val places = listOf(0, token.indexOf('.'), token.indexOf('.') + 5, token.lastIndexOf('.'), token.length - 1)
        for (place in places) {
            val original = token[place].code
            // The same in the low byte, or in the low seven bits, of a UTF-16 unit or of a code point.
            for (twin in listOf(original + 0x80, original + 0x100, original + 0xFF00, original + 0x10000)) {
                val changed = token.replaceRange(place, place + 1, String(Character.toChars(twin)))
                failures<M2mException.InvalidToken>(changed).forEach { assertEquals("malformed", it.reason?.code) }
            }
        }
    }

    @Test
    fun `nothing is left out of a token`() = test {
        for (odd in listOf("\u0000", "\uD800", "\uDC00", "\uDC00\uD800", "\uFEFF", "\u00AD", "?", " ", "\n")) {
            for (changed in listOf(odd + token, token + odd, token.replaceFirst(".", ".$odd"))) {
                failures<M2mException.InvalidToken>(changed).forEach { assertEquals("malformed", it.reason?.code) }
            }
        }
    }

    @Test
    fun `a scope is compared whole`() = test {
        for (scope in listOf("read:users\u0000", "read\u013Ausers", "read:users write:users", "", "read:users\u0000x")) {
            failures<M2mException.InvalidConfig>(token, listOf(scope)).forEach {
                assertEquals("required_scopes", it.field)
            }
        }
        failures<M2mException.InvalidConfig>(token, listOf("\uD800")).forEach { assertEquals("argument", it.field) }
    }

    @Test
    fun `claims come back whole`() = test {
        for (verifier in verifiers) {
            repeat(2) {
                val claims = verifier.authenticateToken(token).customClaims
                assertEquals("J\u00fcrgen \uD83D\uDE00", claims.string("name"))
                assertEquals("""{"name":"J\u00fcrgen \uD83D\uDE00"}""", claims.json)
            }
        }
    }
}
