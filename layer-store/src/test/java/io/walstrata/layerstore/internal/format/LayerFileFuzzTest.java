package io.walstrata.layerstore.internal.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.UnsupportedFormatException;
import io.walstrata.layerstore.testkit.Seeds;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged delta files and manifests without end: {@code -Dwalstrata.fuzz.seconds=N} says for how
 * long, and {@code -Dwalstrata.seed=N} replays one case.
 *
 * <p>Demanded: a damaged file is a {@link CorruptLayerException} or, if its version is another one,
 * an {@link UnsupportedFormatException}; reading it ends; opening it takes no more memory than its
 * length explains. If the checksums were not made to fit, no read gives anything wrong and {@code
 * verify} finds the damage. If they were, a file that {@code verify} takes reads alike in all ways.
 */
class LayerFileFuzzTest {
  private static final int SECONDS = Integer.getInteger("walstrata.fuzz.seconds", 2);
  private static final Duration STUCK = Duration.ofSeconds(60);

  /** Of objects per byte in a file: a tombstone of 44 bytes becomes seven objects. */
  private static final long MAX_ALLOCATED_PER_BYTE = 16;

  private static final long MAX_ALLOCATED = 1 << 20;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final FuzzFile.Shapes shapes = new FuzzFile.Shapes();
  private final List<byte[]> manifests = manifests();

  @TempDir Path directory;

  // Written by the fuzzing thread.
  private volatile long seed;
  private volatile long cases;
  private long damagedBlindly;
  private long intactAfterwards;
  private volatile Throwable failure;

  @Test
  void damagedFiles_areRefused_orReadRight() throws Exception {
    Thread fuzzer = new Thread(this::run, "fuzzer");
    fuzzer.setDaemon(true);
    fuzzer.start();
    long seen = -1;
    while (fuzzer.isAlive()) {
      fuzzer.join(STUCK.toMillis());
      if (fuzzer.isAlive() && cases == seen) {
        AssertionError stuck = new AssertionError("does not end, " + Seeds.replay(seed));
        stuck.setStackTrace(fuzzer.getStackTrace());
        throw stuck;
      }
      seen = cases;
    }
    if (failure != null) {
      throw new AssertionError(Seeds.replay(seed) + ": " + failure.getMessage(), failure);
    }
    System.out.printf(
        "%d damaged files and manifests, %d of them with checksums that do not fit,"
            + " %d of the others beyond reproach%n",
        cases, damagedBlindly, intactAfterwards);
    assertThat(cases).isPositive();
  }

  private void run() {
    try {
      Long asked = Long.getLong("walstrata.seed");
      if (asked != null) {
        check(asked);
        return;
      }
      // New ones each time, and the first ones each time.
      long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
      Random fresh = new Random();
      for (long number = 0; System.nanoTime() < end || number < 100; number++) {
        check(number < 1000 ? number : fresh.nextLong(1000, 1L << 48));
      }
    } catch (Throwable e) {
      failure = e;
    }
  }

  private void check(long seed) throws IOException {
    this.seed = seed;
    Random random = new Random(seed);
    if (random.nextInt(8) == 0) {
      checkManifest(random);
    } else {
      checkFile(random);
    }
    cases++;
  }

  private void checkFile(Random random) throws IOException {
    FuzzFile good = shapes.choose(random);
    boolean blindly = random.nextInt(3) == 0;
    Mutations mutations = new Mutations(random);
    byte[] bytes = blindly ? mutations.blind(good.bytes()) : mutations.knowing(good.bytes());
    if (blindly && !Arrays.equals(bytes, good.bytes())) {
      damagedBlindly++;
    }
    boolean isIntact = false;
    try (DeltaLayerReader reader = open(bytes)) {
      isIntact = verifies(reader);
      if (isIntact && blindly) {
        assertThat(Arrays.equals(bytes, good.bytes())).as("damage that is not found").isTrue();
      }
      FuzzReads reads =
          new FuzzReads(
              random,
              bytes,
              good.versions(),
              blindly ? good.versions() : isIntact ? FuzzReads.versions(reader) : null);
      reads.all(reader);
      if (blindly) {
        assertThat(reader.tombstones()).isEqualTo(good.tombstones());
      } else {
        intactAfterwards += isIntact ? 1 : 0;
      }
      if (random.nextInt(4) == 0) {
        reads.store(reader.footer(), directory);
      }
    } catch (CorruptLayerException | UnsupportedFormatException e) {
      assertThat(e.getMessage()).contains("file=memory");
    }
    if (random.nextInt(50) == 0) {
      new FuzzReads(random, bytes, good.versions(), null)
          .file(directory.resolve("layer"), isIntact);
    }
  }

  private DeltaLayerReader open(byte[] bytes) throws IOException {
    long before = threads.getCurrentThreadAllocatedBytes();
    try {
      return DeltaLayerReader.open(MemoryFile.input(bytes));
    } finally {
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      assertThat(allocated)
          .as("bytes allocated to open a file of %s bytes", bytes.length)
          .isLessThan(MAX_ALLOCATED + MAX_ALLOCATED_PER_BYTE * bytes.length);
    }
  }

  private static boolean verifies(DeltaLayerReader reader) throws IOException {
    try {
      reader.verify();
      return true;
    } catch (CorruptLayerException e) {
      return false;
    }
  }

  private static List<byte[]> manifests() {
    TreeMap<TimelineId, Lsn> lastLsns = new TreeMap<>();
    List<ManifestLayer> layers = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      TimelineId timeline = new TimelineId(i % 7, -i % 7);
      LsnRange lsns = new LsnRange(Lsn.of(16 * i + 16), Lsn.of(16 * i + 33));
      lastLsns.put(timeline, Lsn.of(16 * i + 32));
      KeyRange keys = KeyRange.of(PageKey.of(0, 1663, 5, 16384, 0, i));
      layers.add(
          new ManifestLayer(
              timeline,
              keys,
              lsns,
              10 * i,
              10 * i + 10,
              i,
              1,
              900,
              -i,
              Lsn.of(16 * i),
              FreezeReason.of(i % 3)));
    }
    return List.of(
        ManifestFormat.encode(Manifest.EMPTY),
        ManifestFormat.encode(ManifestFormatTest.sample()),
        ManifestFormat.encode(new Manifest(7, OptionalLong.of(500), lastLsns, layers)));
  }

  private void checkManifest(Random random) throws IOException {
    byte[] good = manifests.get(random.nextInt(manifests.size()));
    boolean blindly = random.nextInt(3) == 0;
    Mutations mutations = new Mutations(random);
    byte[] bytes = blindly ? mutations.blind(good) : mutations.knowingManifest(good);
    try {
      Manifest read = ManifestFormat.decode("memory", bytes);
      if (blindly) {
        assertThat(bytes).as("damage that is not found").isEqualTo(good);
      }
      assertThat(ManifestFormat.encode(read)).isEqualTo(bytes);
      read.lastLsns().values().forEach(lsn -> assertThat(lsn.isValid()).isTrue());
      read.layers().forEach(layer -> assertThat(layer.path().toString()).isNotEmpty());
    } catch (CorruptLayerException | UnsupportedFormatException e) {
      assertThat(e.getMessage()).contains("file=memory");
    }
  }
}
