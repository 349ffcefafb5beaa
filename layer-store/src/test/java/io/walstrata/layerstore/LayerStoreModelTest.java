package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.testkit.MemoryHome;
import io.walstrata.layerstore.testkit.Seeds;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random operations on a store and on sorted maps, and every read of the one compared with the
 * other. {@link ModelRun} says which operations.
 */
class LayerStoreModelTest {
  @TempDir Path directory;

  static LongStream seeds() {
    return Seeds.seeds(Integer.getInteger("walstrata.model.seeds", 100));
  }

  static LongStream fewSeeds() {
    return Seeds.seeds(6);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void storeInMemory_readsAsTheModelDoes(long seed) throws Exception {
    check(new MemoryHome(), seed);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("fewSeeds")
  void storeInADirectory_readsAsTheModelDoes(long seed) throws Exception {
    check(new LocalLayerHome(directory.resolve("home")), seed);
  }

  private void check(LayerHome home, long seed) throws Exception {
    try (ModelRun run = new ModelRun(home, directory.resolve("ephemeral"), seed)) {
      run.run(/* operations= */ 250);
      assertThat(run.comparisons()).as(Seeds.replay(seed)).isPositive();
    } catch (AssertionError | Exception e) {
      throw new AssertionError(Seeds.replay(seed) + ": " + e.getMessage(), e);
    }
  }
}
