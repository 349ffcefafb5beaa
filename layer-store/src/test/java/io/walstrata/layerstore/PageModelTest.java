package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.testkit.MemoryHome;
import io.walstrata.layerstore.testkit.Seeds;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pages that a store makes, compared with those of a model: {@link PageModelRun}. */
class PageModelTest {
  @TempDir Path directory;

  static LongStream seeds() {
    return Seeds.seeds(Integer.getInteger("walstrata.model.seeds", 60));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void pages_areAsTheModelMakesThem(long seed) throws Exception {
    run(seed);
  }

  @Test
  void runs_doReadFromTheCache() throws Exception {
    assertThat(run(1) + run(2) + run(3)).isGreaterThan(100);
  }

  private long run(long seed) throws Exception {
    Path ephemeral = directory.resolve("ephemeral");
    try (PageModelRun run = new PageModelRun(new MemoryHome(), ephemeral, seed)) {
      run.run(/* operations= */ 1_000);
      assertThat(run.comparisons()).as(Seeds.replay(seed)).isGreaterThan(300);
      return run.hits();
    } catch (AssertionError | Exception e) {
      throw new AssertionError(Seeds.replay(seed) + ": " + e.getMessage(), e);
    }
  }
}
