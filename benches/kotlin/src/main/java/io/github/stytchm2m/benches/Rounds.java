package io.github.stytchm2m.benches;

import java.util.concurrent.TimeUnit;
import kotlin.Unit;
import kotlin.jvm.functions.Function1;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * What JMH runs: the rounds of one who does a work, each round a sample. In Java, for its annotation
 * processor.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class Rounds {
    @Param("")
    public String work;

    @Param("")
    public String who;

    private Function1<Integer, Unit> round;

    @Setup
    public void setUp() {
        round = WorksKt.round(work, who);
    }

    /** How many rounds a thread did; each begins at another place. */
    @State(Scope.Thread)
    public static class Turn {
        private int next;

        @Setup
        public void setUp(ThreadParams thread) {
            next = 25 * thread.getThreadIndex();
        }
    }

    @Benchmark
    @OperationsPerInvocation(WorksKt.UNITS)
    public void round(Turn turn) {
        round.invoke(turn.next++);
    }
}
