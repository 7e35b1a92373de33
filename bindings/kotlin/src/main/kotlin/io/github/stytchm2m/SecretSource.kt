package io.github.stytchm2m

import io.github.stytchm2m.internal.SecretFunction
import io.github.stytchm2m.internal.SecretReply
import io.github.stytchm2m.internal.SecretSetting
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.future.await
import kotlinx.coroutines.launch
import java.nio.file.Path
import java.util.concurrent.CompletionStage
import java.util.function.Supplier
import kotlin.reflect.KProperty0

/**
 * Where a secret comes from: a [Secret], a file, an environment variable or a function.
 *
 * ```
 * SecretSource.file("/var/run/secrets/stytch/client-secret")
 * SecretSource.function { vault.read("billing/client-secret") }
 * ```
 */
public sealed interface SecretSource {
    /** Makes sources. */
    public companion object {
        /** The secret itself; the same as a [Secret]. */
        @JvmStatic
        public fun value(secret: String): SecretSource = Secret(secret)

        /**
         * A file that contains only the secret; line breaks at its end are ignored. It is read at the first use, again
         * when it changes, and when the server refuses the secret. A file that every user can write is refused.
         */
        @JvmStatic
        public fun file(path: String): SecretSource = FileSecret(path)

        /** As [file], for a [Path]. */
        @JvmStatic
        public fun file(path: Path): SecretSource = FileSecret(path.toString())

        /** An environment variable. It is read at once, and again when the server refuses the secret. */
        @JvmStatic
        public fun env(name: String): SecretSource = EnvSecret(name)

        /**
         * A function. It is called at the first use of the secret, and again when the server refuses the secret; for an
         * assertion, before each token request. One call serves all concurrent callers. It may take as long as one
         * attempt of a request ([TransportConfig.attemptTimeout]), and may block. If it throws, the call fails with
         * [M2mException.Network], which names the exception's class and not its message.
         */
        @JvmSynthetic
        public fun function(read: suspend () -> String): SecretSource = FunctionSecret(read)

        /** A function, for Java: as the other one, with a future. */
        @JvmStatic
        public fun function(read: Supplier<out CompletionStage<String>>): SecretSource = FunctionSecret { read.get().await() }
    }
}

private class FileSecret(val path: String) : M2mRecord(), SecretSource {
    override fun fields(): List<KProperty0<*>> = listOf(::path)

    override fun toString(): String = "SecretSource.file($path)"
}

private class EnvSecret(val name: String) : M2mRecord(), SecretSource {
    override fun fields(): List<KProperty0<*>> = listOf(::name)

    override fun toString(): String = "SecretSource.env($name)"
}

private class FunctionSecret(private val read: suspend () -> String) : SecretSource, SecretFunction {
    /** The caller is a native thread, which serves every call. */
    override fun begin(reply: SecretReply) {
        CoroutineScope(Workers).launch {
            reply.use {
                try {
                    it.succeed(Secret(read()).toNative())
                } catch (error: Throwable) {
                    // Only the class: the message may hold anything.
                    it.fail("it threw ${error.javaClass.name}")
                }
            }
        }
    }

    override fun toString(): String = "SecretSource.function"
}

internal fun SecretSource.toSetting(): SecretSetting =
    when (this) {
        is Secret -> SecretSetting.Value(toNative())
        is FileSecret -> SecretSetting.File(path)
        is EnvSecret -> SecretSetting.Env(name)
        is FunctionSecret -> SecretSetting.Function(this)
    }
