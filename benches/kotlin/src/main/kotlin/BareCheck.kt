package io.github.stytchm2m.benches

import org.openjdk.jmh.infra.BenchmarkParams
import org.openjdk.jmh.infra.IterationParams
import org.openjdk.jmh.profile.InternalProfiler
import org.openjdk.jmh.results.AggregationPolicy
import org.openjdk.jmh.results.IterationResult
import org.openjdk.jmh.results.Result
import org.openjdk.jmh.results.ScalarResult

const val RAW = "raw"

/** Adds to each iteration what the bare signature check takes at that moment, by the program `BENCH_RAW`. */
class BareCheck : InternalProfiler {
    private val process = ProcessBuilder(variable("BENCH_RAW")).start()
    private val questions = process.outputWriter()
    private val answers = process.inputReader()

    override fun getDescription(): String = "the bare signature check"

    override fun beforeIteration(benchmark: BenchmarkParams, iteration: IterationParams) = Unit

    override fun afterIteration(
        benchmark: BenchmarkParams,
        iteration: IterationParams,
        result: IterationResult,
    ): Collection<Result<*>> {
        questions.write("$UNITS ${work(benchmark.getParam("work")).file}\n")
        questions.flush()
        val microseconds = answers.readLine().toDouble()
        return listOf(ScalarResult(RAW, microseconds, "us/op", AggregationPolicy.AVG))
    }
}
