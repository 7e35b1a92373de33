package io.github.stytchm2m.testing

import com.sun.jna.Platform
import java.io.File
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption

/** Where the emulator's program is. */
internal object EmulatorProgram {
    private val name = if (Platform.isWindows()) "stytch-m2m-emulator.exe" else "stytch-m2m-emulator"

    /** The copy of the program that a jar holds, made once per process. */
    private val unpacked: Path? by lazy {
        javaClass.getResourceAsStream("/io/github/stytchm2m/emulator/${Platform.RESOURCE_PREFIX}/$name")?.use { program ->
            // For this user alone.
            val folder = Files.createTempDirectory("stytch-m2m-emulator")
            val copy = folder.resolve(name)
            folder.toFile().deleteOnExit()
            copy.toFile().deleteOnExit()
            Files.copy(program, copy, StandardCopyOption.REPLACE_EXISTING)
            check(copy.toFile().setExecutable(true)) { "cannot make $copy executable" }
            copy
        }
    }

    /** @throws IllegalStateException when there is none. */
    fun find(): Path {
        val named = System.getenv("STYTCH_M2M_EMULATOR").orEmpty()
        if (named.isNotEmpty()) return Path.of(named)
        return unpacked ?: onSearchPath() ?: error(
            "there is no program $name: add the dependency io.github.stytch-m2m:stytch-m2m-emulator with the scope test; or get it " +
                "from a checkout of stytch-m2m with `cargo install --path emulator`; or name it in STYTCH_M2M_EMULATOR",
        )
    }

    private fun onSearchPath(): Path? =
        System.getenv("PATH").orEmpty().split(File.pathSeparator)
            .filter { it.isNotEmpty() }
            .map { Path.of(it, name) }
            .firstOrNull { Files.isExecutable(it) }
}
