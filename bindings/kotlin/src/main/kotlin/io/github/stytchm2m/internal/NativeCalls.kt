package io.github.stytchm2m.internal

import com.sun.jna.JNIEnv
import com.sun.jna.Library
import com.sun.jna.NativeLibrary
import java.nio.ByteBuffer

/**
 * The frequent calls, over JNI: JNA's structures, which the generated code uses, take longer than verifying a token.
 * Arguments and results are the generated code's, as bytes.
 */
internal object NativeCalls {
    init {
        // The library that the generated code has loaded: JNA knows it by its name and these options.
        val name = System.getProperty("uniffi.component.stytch_m2m.libraryOverride") ?: "stytch_m2m_uniffi"
        val loader = mapOf(Library.OPTION_CLASSLOADER to NativeCalls::class.java.classLoader)
        NativeLibrary.getInstance(name, loader)
            .getFunction("stytch_m2m_register_natives")
            .invoke(
                Void.TYPE,
                arrayOf(JNIEnv.CURRENT, NativeCalls::class.java),
                mapOf(Library.OPTION_ALLOW_OBJECTS to true),
            )
    }

    /** What [token] says, or `null` where that is to be awaited. */
    fun authenticateTokenNow(verifier: Long, token: String, options: VerifySettings): VerifiedClaims? {
        val settings = ByteBuffer.allocate(FfiConverterTypeVerifySettings.allocationSize(options).toInt())
        FfiConverterTypeVerifySettings.write(options, settings)
        // All of it as UTF-8; half of a surrogate pair becomes a question mark, which no token holds.
        val outcome = authenticateToken(verifier, token.toByteArray(), settings.array())
        return read(outcome, FfiConverterOptionalTypeVerifiedClaims)
    }

    /** The cached token, or `null` where it is to be awaited. */
    fun cachedToken(source: Long): Token? = read(getToken(source), FfiConverterOptionalTypeToken)

    /** Custom claims, from the text of JSON. */
    fun parseCustomClaims(json: String): JsonValue = read(parseJson(json.toByteArray()), FfiConverterTypeJsonValue)

    private fun <T> read(outcome: ByteArray?, converter: FfiConverterRustBuffer<T>): T {
        val bytes = ByteBuffer.wrap(checkNotNull(outcome) { "closed" })
        return if (bytes.get() == SUCCESS) converter.read(bytes) else throw FfiConverterTypeNativeError.read(bytes)
    }

    private const val SUCCESS: Byte = 0

    @JvmStatic
    private external fun authenticateToken(id: Long, token: ByteArray, options: ByteArray): ByteArray?

    @JvmStatic
    private external fun getToken(id: Long): ByteArray?

    @JvmStatic
    private external fun parseJson(text: ByteArray): ByteArray?
}
