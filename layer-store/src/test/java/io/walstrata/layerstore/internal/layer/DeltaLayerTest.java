package io.walstrata.layerstore.internal.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.Compression;
import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.TestWrites;
import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.cursor.VersionCursor;
import io.walstrata.layerstore.internal.format.ManifestLayer;
import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.internal.memory.EphemeralFile;
import io.walstrata.layerstore.internal.memory.MappedValues;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.testkit.faultfs.Disk;
import io.walstrata.layerstore.testkit.faultfs.DiskImage;
import io.walstrata.layerstore.testkit.faultfs.Fault;
import io.walstrata.layerstore.testkit.faultfs.FaultFileSystem;
import io.walstrata.layerstore.testkit.faultfs.FaultPlan;
import io.walstrata.layerstore.testkit.faultfs.Step;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is in memory of a file is lost, and cannot be had again, while others read the file. */
@Timeout(60)
class DeltaLayerTest {
  private static final int KEYS = 20;
  private static final TimelineId TIMELINE = new TimelineId(1, 2);

  @TempDir Path directory;
  private final FaultFileSystem files = new Disk(DiskImage.EMPTY).start();
  private Path file;
  private DeltaLayer layer;

  private static PageKey key(int number) {
    return PageKey.of(0, 1663, 5, 16384, 0, number);
  }

  /** Each page is in a block of its own. */
  private void write(Path root) throws IOException {
    LocalLayerHome home = new LocalLayerHome(root.resolve("home"));
    EphemeralFile values =
        EphemeralFile.create(root.resolve("ephemeral"), 0, 4096, TestWrites.RESOURCES);
    InMemoryLayer open = new InMemoryLayer(TIMELINE, Lsn.of(1), 0, values);
    for (int number = 0; number < KEYS; number++) {
      byte[] bytes = new byte[20_000];
      bytes[0] = (byte) number;
      open.put(number, key(number), Lsn.of(1), Value.image(bytes));
    }
    open.freeze(Lsn.of(2), KEYS, FreezeReason.POLICY);
    ManifestLayer entry;
    try (MappedValues mapped = values.map()) {
      entry =
          open.writeTo(TestWrites.files(home), mapped, Compression.NONE, Lsn.INVALID, () -> false);
    }
    values.release();
    file = root.resolve("home").resolve(entry.path().toString());
    layer = new DeltaLayer(home, entry, new LayerCache(1 << 20, 1, bytes -> {}));
    layer.acquire();
  }

  @AfterEach
  void close() {
    layer.release();
    layer.close();
  }

  private void checkPage(int number) throws IOException {
    int[] found = {-1};
    layer.descend(
        key(number),
        Lsn.of(1),
        Lsn.INVALID,
        (key, lsn, value) -> {
          found[0] = value.bytes()[0];
          return false;
        },
        new CostCounter());
    assertThat(found[0]).isEqualTo(number);
  }

  private static void checkPages(VersionCursor reader) throws IOException {
    List<Integer> found = new ArrayList<>();
    for (int number = 0; number < KEYS; number++) {
      assertThat(reader.ceiling(key(number))).isEqualTo(key(number));
      reader.descend(
          key(number),
          Lsn.of(1),
          Lsn.INVALID,
          (key, lsn, value) -> found.add((int) value.bytes()[0]));
    }
    assertThat(found).hasSize(KEYS).isSorted();
  }

  private VersionCursor reader() throws IOException {
    return layer.cursor(KeyRange.ALL, 0, new CostCounter());
  }

  @Test
  void failedReload_leavesTheFileToThoseWhoReadIt() throws IOException {
    write(files.getPath("/"));
    VersionCursor reader = reader();
    layer.forget();
    files.plan(step -> step.kind() == Step.Kind.READ ? Fault.ioError(Fault.Effect.NOTHING) : null);
    for (int tries = 0; tries < 3; tries++) {
      assertThatThrownBy(() -> checkPage(3)).hasMessageContaining("Input/output error");
    }
    files.plan(FaultPlan.NONE);

    checkPages(reader);
    checkPage(3);
    assertThat(files.openFiles()).containsOnly(file.toString()).hasSize(1);
  }

  @Test
  void firstLoad_thatFails_leavesNothingOpen() throws IOException {
    write(files.getPath("/"));
    files.plan(step -> step.kind() == Step.Kind.READ ? Fault.ioError(Fault.Effect.NOTHING) : null);
    assertThatThrownBy(() -> checkPage(3)).hasMessageContaining("Input/output error");
    assertThat(files.openFiles()).isEmpty();
    files.plan(FaultPlan.NONE);
    checkPage(3);
  }

  @Test
  void footerThatIsDamaged_isSaidToWhoeverNeedsIt_andNotToOthers() throws IOException {
    write(directory);
    VersionCursor reader = reader();
    layer.forget();
    flipLastByte();
    assertThatThrownBy(() -> checkPage(3))
        .isInstanceOf(CorruptLayerException.class)
        .hasMessageContaining("footer");
    checkPages(reader);
    flipLastByte();
    checkPage(3);
  }

  private void flipLastByte() throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer last = ByteBuffer.allocate(1);
      channel.read(last, channel.size() - 1);
      last.put(0, (byte) ~last.get(0)).rewind();
      channel.write(last, channel.size() - 1);
    }
  }

  @Test
  void readers_whileReloadsFail_readRight() throws Exception {
    write(files.getPath("/"));
    Thread failing = Thread.currentThread();
    files.plan(
        step ->
            step.kind() == Step.Kind.READ && Thread.currentThread() == failing
                ? Fault.ioError(Fault.Effect.NOTHING)
                : null);
    ConcurrentLinkedQueue<Throwable> problems = new ConcurrentLinkedQueue<>();
    AtomicBoolean done = new AtomicBoolean();
    AtomicLong reads = new AtomicLong();
    List<Thread> readers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Random random = new Random(i);
      Thread reader =
          new Thread(
              () -> {
                try {
                  while (!done.get()) {
                    checkPage(random.nextInt(KEYS));
                    reads.incrementAndGet();
                  }
                } catch (IOException | RuntimeException | Error e) {
                  problems.add(e);
                }
              });
      readers.add(reader);
      reader.start();
    }
    for (int failures = 0; failures < 500 || reads.get() < 2000; failures++) {
      layer.forget();
      assertThatThrownBy(() -> checkPage(3)).hasMessageContaining("Input/output error");
      if (!problems.isEmpty()) {
        break;
      }
    }
    done.set(true);
    for (Thread reader : readers) {
      reader.join();
    }
    files.plan(FaultPlan.NONE);
    assertThat(problems).isEmpty();
  }
}
