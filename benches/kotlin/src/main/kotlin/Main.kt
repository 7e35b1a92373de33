package io.github.stytchm2m.benches

import org.openjdk.jmh.results.Result
import org.openjdk.jmh.results.RunResult
import org.openjdk.jmh.runner.Runner
import org.openjdk.jmh.runner.options.OptionsBuilder
import org.openjdk.jmh.runner.options.TimeValue
import org.openjdk.jmh.runner.options.VerboseMode
import java.io.File

fun variable(name: String): String =
    checkNotNull(System.getenv(name)) { "$name is not set: start me as `cargo xtask bench`" }

fun file(name: String): String = File(variable("BENCH_DATA"), name).readText().trimEnd()

private fun emit(work: String, who: String, microseconds: Double) =
    println("""{"work": "$work", "who": "$who", "microseconds": $microseconds}""")

private fun emitVersions() {
    val all = System.getProperty("peers").split(',') + "Java ${System.getProperty("java.version")}"
    val members = all.map { """"${it.substringBeforeLast(' ')}": "${it.substringAfterLast(' ')}"""" }
    println("""{"versions": {${members.joinToString()}}}""")
}

/** One turn of [who] in a JVM of its own, with the bare check beside each iteration. */
private fun run(work: Work, who: String): RunResult {
    val options = OptionsBuilder()
        .include(Rounds::class.java.name)
        .param("work", work.name)
        .param("who", who)
        .threads(work.threads)
        .addProfiler(BareCheck::class.java)
        .forks(1)
        .warmupIterations(2)
        .warmupTime(TimeValue.seconds(1))
        .measurementIterations(8)
        .measurementTime(TimeValue.milliseconds(300))
        .verbosity(VerboseMode.SILENT)
        .shouldFailOnError(true)
    return Runner(options.build()).runSingle()
}

private fun RunResult.iterations() = benchmarkResults.flatMap { it.iterationResults }

/** The median of each iteration's median. */
private fun median(results: List<Result<*>>): Double =
    results.map { it.statistics.getPercentile(50.0) }.sorted()[results.size / 2]

private fun measure(work: Work) {
    val turns = List(work.turns) { work.everyone.keys.map { who -> who to run(work, who) } }.flatten()
    if (work.threads == 1 && work.everyone.size > 1) {
        val bare = turns.flatMap { (_, run) -> run.iterations() }.map { it.secondaryResults.getValue(RAW) }
        emit(work.name, RAW, median(bare))
    }
    for (who in work.everyone.keys) {
        val own = turns.filter { it.first == who }.flatMap { (_, run) -> run.iterations() }
        emit(work.name, who, median(own.map { it.primaryResult }) / work.threads)
    }
}

/** The JVM beside its peers, in one run: see `benches/README.md`. */
fun main() {
    emitVersions()
    WORKS.forEach(::measure)
}
