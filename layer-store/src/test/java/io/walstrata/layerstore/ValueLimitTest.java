package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.UnknownTimelineException;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueBatch;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.testkit.FaultyHome;
import io.walstrata.layerstore.testkit.MemoryHome;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * As many values since the last freeze point as positions can say, with a lower bound than that.
 */
@Timeout(60)
class ValueLimitTest {
  private static final TimelineId TIMELINE = new TimelineId(1, 0);
  private static final int LIMIT = 10_000;

  @TempDir Path directory;
  private final FaultyHome home = new FaultyHome(new MemoryHome());
  private LayerStore store;
  private LayerWriter writer;

  @BeforeEach
  void openStore() throws IOException {
    store =
        LayerStore.open(
            home,
            directory,
            LayerStoreOptions.DEFAULTS.withMaxFrozen(1).withWriteBufferBytes(4096),
            LIMIT);
    writer = store.claim();
  }

  @AfterEach
  void closeStore() throws IOException {
    home.failAt(step -> false);
    store.close();
  }

  private static PageKey key(int number) {
    return PageKey.of(0, 1663, 5, 16384, 0, number);
  }

  private static ValueBatch batch(TimelineId timeline, long lsn, int bytes) {
    ValueBatch batch = new ValueBatch();
    batch.reset(timeline, new byte[bytes], 0, bytes);
    batch.add(key(1), Lsn.of(lsn), 0, bytes / 2, ValueKind.IMAGE);
    batch.add(key(2), Lsn.of(lsn), bytes, 0, ValueKind.IMAGE); // at the very end
    return batch;
  }

  private long openBytes() {
    return writer.writeStats().openValueBytes();
  }

  private long versions() throws IOException {
    return store.layers(TIMELINE).stream().mapToLong(LayerDesc::versions).sum();
  }

  @Test
  void batch_thatReachesTheLimit_isRefused_beforeAnyOfItIsAppended() throws Exception {
    writer.putAll(0, batch(TIMELINE, 1, 6_000));
    for (int bytes : new int[] {4_000, 4_001, 1_000_000}) {
      assertThatIllegalStateException()
          .isThrownBy(() -> writer.putAll(1, batch(TIMELINE, 2, bytes)))
          .withMessageContaining("freeze sooner: length=" + bytes + ", open=6000, maxOpen=10000");
      assertThat(openBytes()).isEqualTo(6_000);
      assertThat(versions()).isEqualTo(2);
    }
    TimelineId other = new TimelineId(2, 0);
    assertThatIllegalStateException().isThrownBy(() -> writer.putAll(1, batch(other, 1, 4_000)));
    assertThatThrownBy(() -> store.layers(other)).isInstanceOf(UnknownTimelineException.class);

    // What was before it can be frozen, and then it can be put.
    writer.freeze(0);
    assertThat(writer.putAll(1, batch(TIMELINE, 2, 4_001)).added()).isEqualTo(2);
    assertThat(store.get(TIMELINE, key(1), Lsn.of(2)).base()).isNotNull();
    writer.awaitFlushed();
    assertThat(store.durableOffset()).hasValue(0);
  }

  @Test
  void batch_oneByteBelowTheLimit_isTaken() throws Exception {
    writer.putAll(0, batch(TIMELINE, 1, 6_000));
    assertThat(writer.putAll(1, batch(TIMELINE, 2, 3_999)).added()).isEqualTo(2);
    assertThat(openBytes()).isEqualTo(LIMIT - 1);
    assertThat(writer.putAll(1, batch(TIMELINE, 3, 0)).added()).isEqualTo(2);
    writer.freeze(1);
    writer.awaitFlushed();
    assertThat(versions()).isEqualTo(6);
  }

  @Test
  void version_thatReachesTheLimit_isRefused_andTombstonesAreTaken() throws Exception {
    writer.put(0, TIMELINE, key(1), Lsn.of(1), Value.image(new byte[LIMIT - 1]));
    assertThatIllegalStateException()
        .isThrownBy(() -> writer.put(1, TIMELINE, key(1), Lsn.of(2), Value.image(new byte[1])));
    assertThat(versions()).isEqualTo(1);
    assertThat(writer.tombstone(1, TIMELINE, KeyRange.ALL, Lsn.of(2))).isEqualTo(PutResult.ADDED);
    writer.freeze(1);
    assertThat(writer.put(2, TIMELINE, key(1), Lsn.of(3), Value.image(new byte[1])))
        .isEqualTo(PutResult.ADDED);
  }

  @Test
  void recordsOfAnyNumber_areFrozenBeforeTheLimit_alsoWhileFilesCannotBeWritten() throws Exception {
    long[] offset = {-1};
    writer.onMemoryPressure(
        () -> {
          try {
            return writer.tryFreeze(offset[0], FreezeReason.MEMORY);
          } catch (IOException e) {
            return false;
          }
        });
    int records = 60;
    Thread repair =
        new Thread(
            () -> {
              while (writer.flushFailure().isEmpty()) {
                Thread.onSpinWait();
              }
              home.failAt(step -> false);
            });
    home.failAt(step -> true);
    repair.start();
    for (int n = 1; n <= records; n++) {
      writer.putAll(offset[0] + 1, batch(TIMELINE, n, 1_500));
      offset[0]++;
      writer.settleMemory();
      assertThat(openBytes()).isLessThan(LIMIT / 2);
    }
    repair.join();
    writer.awaitFlushed();
    assertThat(writer.writeStats().freezes().get(FreezeReason.MEMORY)).isEqualTo(records / 4);
    assertThat(versions()).isEqualTo(2L * records);
  }
}
