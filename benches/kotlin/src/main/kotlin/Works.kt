package io.github.stytchm2m.benches

import io.github.stytchm2m.IssuerConfig
import io.github.stytchm2m.KeySource
import io.github.stytchm2m.Secret
import io.github.stytchm2m.TokenClaims
import io.github.stytchm2m.TokenSource
import io.github.stytchm2m.TokenVerifier
import kotlinx.coroutines.runBlocking

const val OURS = "stytch-m2m"

/** Tokens of one round: few, so that few rounds are disturbed. */
const val UNITS = 50

typealias Verify = suspend (String) -> Any?

/** Does a round, of that number. */
typealias Round = (Int) -> Unit

/** What is measured in turns of all who do it, each made in a JVM of its own, on the tokens of a file. */
class Work(
    val name: String,
    val everyone: Map<String, () -> Round>,
    val file: String = TOKENS,
    val threads: Int = 1,
    val turns: Int = 1,
)

val WORKS: List<Work> = listOf(
    Work(
        "verify, 10,000 tokens",
        verifying({ ours() }, peers()) + ("java.security" to { through(tokens(TOKENS), bareCheck()) }),
        turns = 3,
    ),
    Work("verify, 10,000 tokens, claims read", verifying({ ours(read = true) }, peers(read = true))),
    Work("verify, 10,000 tokens, 2 threads", verifying({ ours() }, peers()), threads = 2),
    Work("verify, one token", verifying({ ours() }, peers()) { List(UNITS) { tokens(TOKENS).first() } }),
    Work(
        "verify, one token, remembered",
        verifying({ ours(remembered = 10_000) }, emptyMap()) { List(UNITS) { tokens(TOKENS).first() } },
    ),
    keys(10),
    keys(100),
    size(4),
    size(12),
    Work("get_token, cached", mapOf(OURS to ::cached)),
)

fun work(name: String): Work = WORKS.first { it.name == name }

/** For JMH, which knows texts alone. */
fun round(work: String, who: String): Round = work(work).everyone.getValue(who)()

private const val TOKENS = "tokens.txt"

private fun tokens(file: String) = file(file).lines()

private fun keys(count: Int): Work {
    val set = "jwks-$count.json"
    return Work("verify, $count keys", verifying({ ours(set) }, peers(set)))
}

private fun size(kilobytes: Int): Work {
    val file = "tokens-${kilobytes}k.txt"
    return Work("verify, $kilobytes KB", verifying({ ours() }, peers()) { tokens(file) }, file)
}

private fun verifying(
    ours: () -> Verify,
    peers: Map<String, () -> Verify>,
    tokens: () -> List<String> = { tokens(TOKENS) },
): Map<String, () -> Round> =
    (mapOf(OURS to ours) + peers).mapValues { (_, make) -> { through(tokens(), make()) } }

private fun through(tokens: List<String>, verify: Verify): Round {
    val pieces = tokens.chunked(UNITS)
    return { number -> runBlocking { for (token in pieces[number % pieces.size]) verify(token) } }
}

private fun ours(jwks: String = "jwks.json", remembered: Int = 0, read: Boolean = false): Verify {
    val issuer = IssuerConfig.stytch(PROJECT, BASE_URL).toBuilder().keys(KeySource.Jwks(file(jwks))).build()
    val verifier = TokenVerifier(listOf(issuer), verifiedTokenCacheSize = remembered)
    val verify: suspend (String) -> TokenClaims = { verifier.authenticateToken(Secret(it), SCOPES) }
    return if (read) ({ all(verify(it)) }) else verify
}

/** Each claim as a value. */
private fun all(claims: TokenClaims): List<Any?> = with(claims) {
    listOf(clientId, scopes, issuer, audience, issuedAt, notBefore, expiresAt, tokenId, customClaims.toMap())
}

private fun cached(): Round {
    val credential = variable("BENCH_CLIENT_ID") to Secret(variable("BENCH_CLIENT_SECRET"))
    val source = TokenSource(credential.first, credential.second, PROJECT, BASE_URL)
    return { runBlocking { repeat(UNITS) { source.getToken() } } }
}
