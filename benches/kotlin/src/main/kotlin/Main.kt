import com.auth0.jwt.JWT
import com.auth0.jwt.algorithms.Algorithm
import com.nimbusds.jose.JOSEObjectType
import com.nimbusds.jose.JWSAlgorithm
import com.nimbusds.jose.jwk.JWKSet
import com.nimbusds.jose.jwk.RSAKey
import com.nimbusds.jose.jwk.source.ImmutableJWKSet
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier
import com.nimbusds.jose.proc.JWSVerificationKeySelector
import com.nimbusds.jose.proc.SecurityContext
import com.nimbusds.jwt.JWTClaimsSet
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier
import com.nimbusds.jwt.proc.DefaultJWTProcessor
import com.stytch.m2m.IssuerConfig
import com.stytch.m2m.KeySource
import com.stytch.m2m.TokenVerifier
import kotlinx.coroutines.runBlocking
import java.lang.management.ManagementFactory
import java.security.KeyPairGenerator
import java.security.Signature
import java.security.interfaces.RSAPublicKey
import java.time.Instant
import java.util.Base64

private const val ISSUER = "https://issuer.example"
private const val AUDIENCE = "api"
private const val SCOPE = "read:users"
private const val TOKENS = 1_000
private const val ROUNDS = 15

private val keys = KeyPairGenerator.getInstance("RSA").apply { initialize(2048) }.generateKeyPair()
private val public = keys.public as RSAPublicKey

private fun base64(bytes: ByteArray) = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)

private fun token(number: Int): String {
    val now = Instant.now().epochSecond
    val payload = """{"iss":"$ISSUER","aud":"$AUDIENCE","sub":"worker","jti":"$number","iat":$now,""" +
        """"nbf":$now,"exp":${now + 3600},"scope":"$SCOPE write:users"}"""
    val input = listOf("""{"alg":"RS256","typ":"at+jwt","kid":"k"}""", payload)
        .joinToString(".") { base64(it.toByteArray()) }
    val signer = signature().apply { initSign(keys.private) }
    signer.update(input.toByteArray())
    return "$input.${base64(signer.sign())}"
}

private fun signature() = Signature.getInstance("SHA256withRSA")

private fun raw(token: String): Boolean {
    val end = token.lastIndexOf('.')
    val signature = signature().apply { initVerify(public) }
    signature.update(token.toByteArray(), 0, end)
    return signature.verify(Base64.getUrlDecoder().decode(token.substring(end + 1)))
}

private val key = RSAKey.Builder(public).keyID("k").build()

private val nimbus = DefaultJWTProcessor<SecurityContext>().apply {
    jwsTypeVerifier = DefaultJOSEObjectTypeVerifier(JOSEObjectType("at+jwt"))
    jwsKeySelector = JWSVerificationKeySelector(JWSAlgorithm.RS256, ImmutableJWKSet(JWKSet(key)))
    val exact = JWTClaimsSet.Builder().issuer(ISSUER).build()
    jwtClaimsSetVerifier = DefaultJWTClaimsVerifier(AUDIENCE, exact, setOf("sub", "iat", "exp", "scope"))
}

private fun nimbus(token: String): Boolean =
    SCOPE in nimbus.process(token, null).getStringClaim("scope").split(' ')

private val auth0 = JWT.require(Algorithm.RSA256(public, null)).withIssuer(ISSUER).withAudience(AUDIENCE).build()

private fun auth0(token: String): Boolean = SCOPE in auth0.verify(token).getClaim("scope").asString().split(' ')

private val verifier = TokenVerifier(
    listOf(IssuerConfig.oauth(ISSUER, listOf(AUDIENCE), KeySource.Jwks(JWKSet(key).toString(true)))),
)
private val remembering = TokenVerifier(
    listOf(IssuerConfig.oauth(ISSUER, listOf(AUDIENCE), KeySource.Jwks(JWKSet(key).toString(true)))),
    verifiedTokenCacheSize = TOKENS * 2,
)

private suspend fun ours(verifier: TokenVerifier, token: String): Boolean =
    verifier.authenticateToken(token, listOf(SCOPE)).clientId == "worker"

private val threads = ManagementFactory.getThreadMXBean()

/**
 * Microseconds of CPU time for a verification of different RS256 tokens, keys in memory: ours beside its
 * peers, in rounds that take turns, so that what else the machine does befalls all alike.
 */
fun main() = runBlocking {
    val tokens = List(TOKENS) { token(it) }
    val work: Map<String, suspend (String) -> Boolean> = mapOf(
        "java.security alone" to { raw(it) },
        "stytch-m2m" to { ours(verifier, it) },
        "stytch-m2m, verified tokens remembered" to { ours(remembering, it) },
        "nimbus-jose-jwt" to { nimbus(it) },
        "java-jwt" to { auth0(it) },
    )
    val times = work.mapValues { mutableListOf<Double>() }
    repeat(ROUNDS + 5) { round ->
        for ((name, verify) in work) {
            val start = threads.currentThreadCpuTime
            for (token in tokens) check(verify(token)) { "$name refused a good token" }
            val each = (threads.currentThreadCpuTime - start) / 1e3 / TOKENS
            if (round >= 5) times.getValue(name) += each // the first rounds warm up
        }
    }
    for ((name, each) in times) {
        println("%-40s %7.1f us".format(name, each.sorted()[ROUNDS / 2]))
    }
}
