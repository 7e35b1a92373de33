package io.github.stytchm2m

import java.security.KeyPairGenerator
import java.security.Signature
import java.security.interfaces.RSAPublicKey
import java.time.Instant
import java.util.Base64

/** An OAuth issuer with a key of its own, which signs whatever a test says. */
internal class TestIssuer(val name: String = "https://issuer.example") {
    private val keys = KeyPairGenerator.getInstance("RSA").apply { initialize(2048) }.generateKeyPair()

    /** What a verifier must know of it. */
    val config: IssuerConfig
        get() = IssuerConfig.oauth(name, listOf("api"), KeySource.Jwks(jwks()))

    /** A token with the registered claims and [claims], which are members of a JSON object. */
    fun token(claims: String = "\"jti\":\"1\""): String {
        val now = Instant.now().epochSecond
        val payload =
            """{"iss":"$name","aud":"api","sub":"worker","iat":$now,"exp":${now + 60},$claims}"""
        val input = listOf("""{"alg":"RS256","typ":"at+jwt","kid":"$name"}""", payload)
            .joinToString(".") { base64(it.toByteArray()) }
        val signature = Signature.getInstance("SHA256withRSA").run {
            initSign(keys.private)
            update(input.toByteArray())
            sign()
        }
        return "$input.${base64(signature)}"
    }

    private fun jwks(): String {
        val public = keys.public as RSAPublicKey
        val (n, e) = listOf(public.modulus, public.publicExponent)
            .map { number -> base64(number.toByteArray().dropWhile { it == 0.toByte() }.toByteArray()) }
        return """{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"$name","n":"$n","e":"$e"}]}"""
    }

    private fun base64(bytes: ByteArray) = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)
}
