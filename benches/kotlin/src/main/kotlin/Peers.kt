package io.github.stytchm2m.benches

import com.auth0.jwk.JwkProviderBuilder
import com.auth0.jwt.JWT
import com.auth0.jwt.algorithms.Algorithm
import com.auth0.jwt.interfaces.RSAKeyProvider
import com.nimbusds.jose.JWSAlgorithm
import com.nimbusds.jose.jwk.JWKSet
import com.nimbusds.jose.jwk.source.ImmutableJWKSet
import com.nimbusds.jose.proc.JWSVerificationKeySelector
import com.nimbusds.jose.proc.SecurityContext
import com.nimbusds.jwt.JWTClaimsSet
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier
import com.nimbusds.jwt.proc.DefaultJWTProcessor
import java.io.File
import java.security.Signature
import java.security.interfaces.RSAPrivateKey
import java.security.interfaces.RSAPublicKey
import java.util.Base64

val PROJECT = variable("STYTCH_PROJECT_ID")
val BASE_URL = variable("STYTCH_BASE_URL")
val SCOPES = listOf("read:users", "write:users")
private val ISSUER = "stytch.com/$PROJECT"

/** Those beside whom stytch-m2m does its work, each as strict as it can be set, with the keys of a file. */
fun peers(jwks: String = "jwks.json", read: Boolean = false): Map<String, () -> Verify> =
    mapOf("nimbus-jose-jwt" to { nimbus(jwks, read) }, "java-jwt" to { javaJwt(jwks, read) })

private fun nimbus(jwks: String, read: Boolean): Verify {
    val keys = ImmutableJWKSet<SecurityContext>(JWKSet.parse(file(jwks)))
    val exact = JWTClaimsSet.Builder().issuer(ISSUER).build()
    val processor = DefaultJWTProcessor<SecurityContext>().apply {
        jwsKeySelector = JWSVerificationKeySelector(JWSAlgorithm.RS256, keys)
        jwtClaimsSetVerifier = DefaultJWTClaimsVerifier(PROJECT, exact, setOf("sub", "iat", "exp", "scope"))
    }
    return { token ->
        val claims = processor.process(token, null)
        checkScopes(claims.getStringClaim("scope"))
        if (read) claims.claims else claims
    }
}

private fun javaJwt(jwks: String, read: Boolean): Verify {
    val provider = JwkProviderBuilder(File(variable("BENCH_DATA"), jwks).toURI().toURL()).build()
    val keys = object : RSAKeyProvider {
        override fun getPublicKeyById(kid: String) = provider.get(kid).publicKey as RSAPublicKey

        override fun getPrivateKey(): RSAPrivateKey? = null

        override fun getPrivateKeyId(): String? = null
    }
    val verifier = JWT.require(Algorithm.RSA256(keys)).withIssuer(ISSUER).withAudience(PROJECT).build()
    return { token ->
        val verified = verifier.verify(token)
        checkScopes(verified.getClaim("scope").asString())
        if (read) verified.claims.mapValues { (_, claim) -> claim.`as`(Any::class.java) } else verified
    }
}

private fun checkScopes(scope: String) = check(scope.split(' ').containsAll(SCOPES)) { "a scope is missing" }

/** The bare signature check of Java itself. */
fun bareCheck(): Verify {
    val key = JWKSet.parse(file("jwks.json")).keys.first().toRSAKey().toRSAPublicKey()
    return { token ->
        val end = token.lastIndexOf('.')
        val signature = Signature.getInstance("SHA256withRSA").apply { initVerify(key) }
        signature.update(token.toByteArray(), 0, end)
        check(signature.verify(Base64.getUrlDecoder().decode(token.substring(end + 1)))) { "a wrong signature" }
    }
}
