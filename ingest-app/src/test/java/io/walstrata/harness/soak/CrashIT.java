package io.walstrata.harness.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A short soak: the job is killed with SIGKILL while it starts, restores, ingests and writes
 * layers, and has exactly what was sent. {@code -Plong} runs it longer, {@code bin/walstrata-soak}
 * for any time.
 */
class CrashIT {
  @TempDir Path folder;

  @Test
  void killedJob_knowsWhatWasSent_underBothGuarantees() throws Exception {
    killAndCompare(/* kills= */ 1);
  }

  @Test
  @Tag("long")
  void jobKilledAgainAndAgain_knowsWhatWasSent_underBothGuarantees() throws Exception {
    killAndCompare(/* kills= */ 3);
  }

  /**
   * @param kills under each guarantee
   */
  private void killAndCompare(int kills) throws Exception {
    long seed = Long.getLong("walstrata.seed", System.nanoTime());
    System.out.println("CrashIT: -Dwalstrata.seed=" + seed);
    Soak.Options options =
        new Soak.Options(
            /* time= */ null,
            2L * kills + 1, // a segment ends with one more: the second begins before these are done
            seed,
            List.of(Guarantee.values()),
            folder,
            /* partitions= */ 2,
            /* instances= */ 1,
            kills);
    long[] segments = {0};
    SoakCounts counts =
        new Soak(
                options,
                new Soak.Listener() {
                  @Override
                  public void segment(Guarantee guarantee, long segmentSeed, Path segmentFolder) {
                    segments[0]++;
                  }

                  @Override
                  public void round(SoakCounts soFar) {
                    System.out.println("CrashIT: kills=" + soFar.kills());
                  }
                })
            .run();
    assertThat(counts.examples()).isEmpty();
    assertThat(counts.mismatches()).isZero();
    assertThat(segments[0]).isEqualTo(2);
    assertThat(counts.kills()).isGreaterThanOrEqualTo(2L * kills);
    assertThat(counts.versions()).isPositive();
    assertThat(counts.layers()).isPositive();
  }
}
