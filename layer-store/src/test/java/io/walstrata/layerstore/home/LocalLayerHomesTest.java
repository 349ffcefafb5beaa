package io.walstrata.layerstore.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalLayerHomesTest {
  @TempDir Path scratch;
  private Path directory;
  private LayerHomes homes;

  @BeforeEach
  void create() {
    directory = scratch.resolve("layers");
    homes = LayerHomes.directory(directory);
  }

  @Test
  void partitions_haveDirectories_thatAreNotCreatedYet() {
    assertThat(homes.location("wal")).isEqualTo(directory + "/wal");
    assertThat(homes.home("wal", 7, Duration.ZERO).location()).isEqualTo(directory + "/wal/7");
    assertThat(directory).doesNotExist();
  }

  @Test
  void topicId_isTheFirstThatWasNoted() throws IOException {
    assertThat(homes.noteTopicId("wal", "first")).isEqualTo("first");
    assertThat(LayerHomes.directory(directory).noteTopicId("wal", "second")).isEqualTo("first");
    assertThat(homes.noteTopicId("other", "second")).isEqualTo("second");
    assertThat(homes.topicIdLocation("wal")).isEqualTo(directory + "/wal/topic.id");
    assertThat(directory.resolve("wal/topic.id")).hasContent("first" + System.lineSeparator());
  }

  @Test
  void claim_isOfAllHomes_andLeavesTheirOwnClaimsAlone() throws IOException {
    try (Claim claim = homes.claim(Duration.ZERO)) {
      assertThat(claim).isNotNull();
      assertThatThrownBy(() -> LayerHomes.directory(directory).claim(Duration.ZERO))
          .isInstanceOf(HomeClaimedException.class)
          .hasMessageContaining("home=" + directory);
      homes.home("wal", 0, Duration.ZERO).claim().close();
    }
    homes.claim(Duration.ZERO).close();
  }
}
