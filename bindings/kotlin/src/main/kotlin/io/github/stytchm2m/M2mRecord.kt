package io.github.stytchm2m

import kotlin.reflect.KProperty0

/**
 * What is compared and printed by its fields. No data class: its functions for copying and taking apart
 * would have to change with every field that a later version adds.
 */
public abstract class M2mRecord internal constructor() {
    internal abstract fun fields(): List<KProperty0<*>>

    private fun values(): List<Any?> = fields().map { it.get() }

    final override fun equals(other: Any?): Boolean =
        other === this || (other is M2mRecord && javaClass == other.javaClass && values() == other.values())

    final override fun hashCode(): Int = values().hashCode()

    override fun toString(): String = fields().joinToString(", ", "${javaClass.simpleName}(", ")") { "${it.name}=${it.get()}" }
}
