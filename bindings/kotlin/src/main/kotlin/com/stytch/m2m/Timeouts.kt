package com.stytch.m2m

import com.stytch.m2m.internal.TransportSettings
import java.time.Duration

/**
 * How long requests may take. `null` is the default.
 *
 * @property connect Until a connection stands. Default 3 s.
 * @property attempt Until one attempt has its whole answer. Default 10 s.
 * @property total Until the call returns, with all its attempts. Default 30 s.
 */
public data class Timeouts @JvmOverloads constructor(
    public val connect: Duration? = null,
    public val attempt: Duration? = null,
    public val total: Duration? = null,
)

internal fun Timeouts.toNative(clockUnixSeconds: Long? = null): TransportSettings =
    TransportSettings(connect?.inSeconds(), attempt?.inSeconds(), total?.inSeconds(), clockUnixSeconds)

private fun Duration.inSeconds(): Double = seconds + nano / 1e9
