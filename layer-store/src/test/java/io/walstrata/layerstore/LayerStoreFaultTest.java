package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.home.FencedException;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.internal.format.Manifest;
import io.walstrata.layerstore.internal.format.ManifestFormat;
import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.internal.memory.DamagedValuesException;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.testkit.FaultyHome;
import io.walstrata.layerstore.testkit.MemoryHome;
import io.walstrata.layerstore.testkit.faultfs.Disk;
import io.walstrata.layerstore.testkit.faultfs.DiskImage;
import io.walstrata.layerstore.testkit.faultfs.Fault;
import io.walstrata.layerstore.testkit.faultfs.FaultFileSystem;
import io.walstrata.layerstore.testkit.faultfs.FaultPlan;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the store does when its home fails, is damaged, or is taken away. */
@Timeout(120)
class LayerStoreFaultTest {
  private static final TimelineId ONE = new TimelineId(1, 0);
  private static final TimelineId TWO = new TimelineId(2, 0);

  @TempDir Path directory;

  private LocalLayerHome home(String name) {
    return new LocalLayerHome(directory.resolve(name));
  }

  private LayerStore open(LayerHome home) throws IOException {
    return LayerStore.open(
        home,
        directory.resolve("ephemeral"),
        LayerStoreOptions.DEFAULTS.withMaxFrozen(1).withWriteBufferBytes(4096));
  }

  private static PageKey key(long block) {
    return PageKey.of(0, 1663, 5, 16384, 0, block);
  }

  private static Value value(long offset) {
    byte[] bytes = new byte[20_000];
    bytes[(int) offset] = (byte) offset;
    return Value.image(bytes);
  }

  /** The log: at every offset each timeline gets a version, and each sixth is a freeze point. */
  private static void replay(LayerWriter writer, long firstOffset, long endOffset)
      throws IOException {
    for (long offset = firstOffset; offset < endOffset; offset++) {
      for (TimelineId timeline : List.of(ONE, TWO)) {
        writer.put(offset, timeline, key(offset % 5), Lsn.of(offset + 1), value(offset));
      }
      if (offset % 6 == 5) {
        writer.freeze(offset);
      }
    }
  }

  private static void check(LayerStore store, long endOffset) throws IOException {
    store.checkInvariants();
    checkReads(store, endOffset);
  }

  private static void checkReads(LayerStore store, long endOffset) throws IOException {
    for (long offset = 0; offset < endOffset; offset++) {
      for (TimelineId timeline : List.of(ONE, TWO)) {
        ReconstructData data = store.get(timeline, key(offset % 5), Lsn.of(offset + 1));
        assertThat(data.base()).isEqualTo(new Version(Lsn.of(offset + 1), value(offset)));
      }
    }
  }

  private long stepsOfAWholeRun() throws Exception {
    FaultyHome home = new FaultyHome(new MemoryHome());
    try (LayerStore store = open(home)) {
      LayerWriter writer = store.claim();
      home.failAt(step -> false);
      replay(writer, 0, 18);
      writer.awaitFlushed();
    }
    return home.steps();
  }

  @Test
  void flush_thatFailsOnceAtAnyStep_succeedsInTheEnd() throws Exception {
    long steps = stepsOfAWholeRun();
    assertThat(steps).isGreaterThan(40);
    for (long failing = 0; failing < steps; failing++) {
      long failAt = failing;
      MemoryHome disk = new MemoryHome();
      FaultyHome home = new FaultyHome(disk);
      try (LayerStore store = open(home)) {
        LayerWriter writer = store.claim();
        home.failAt(step -> step == failAt);
        replay(writer, 0, 18);
        writer.awaitFlushed();
        assertThat(store.durableOffset()).isEqualTo(OptionalLong.of(17));
        assertThat(writer.flushFailure()).isEmpty();
        check(store, 18);
      }
      try (LayerStore store = open(disk)) {
        store.claim();
        check(store, 18);
        checkNoOrphans(disk, 6);
      }
    }
  }

  @Test
  void process_thatStopsAtAnyStep_findsEverythingDurableAgain() throws Exception {
    long steps = stepsOfAWholeRun();
    for (long failing = 0; failing < steps; failing++) {
      MemoryHome disk = new MemoryHome();
      stopAndReopen(disk, disk, failing);
    }
    // The same on a real disk, at a few steps.
    for (long failing = 1; failing < steps; failing += 11) {
      LocalLayerHome disk = home("stop-" + failing);
      stopAndReopen(disk, home("stop-" + failing), failing);
    }
  }

  private void stopAndReopen(LayerHome disk, LayerHome again, long stopAt) throws Exception {
    final long durable = runUntilStopped(new FaultyHome(disk), stopAt);
    try (LayerStore store = open(again)) {
      long reopened = store.durableOffset().orElse(-1);
      // What was reported is there. More may be: a manifest is replaced before it is reported.
      assertThat(reopened).as("step %d", stopAt).isGreaterThanOrEqualTo(durable);
      check(store, reopened + 1);
      LayerWriter writer = store.claim();
      checkNoOrphans(again, 2 * (reopened + 1) / 6);
      replay(writer, reopened + 1, 20);
      check(store, 20);
      writer.awaitFlushed();
      check(store, 20);
    }
  }

  /** Returns the durable offset that the store has reported last. */
  private long runUntilStopped(FaultyHome home, long stopAt) throws Exception {
    LayerStore store = open(home);
    LayerWriter writer = store.claim();
    home.failAt(step -> step >= stopAt);
    CompletableFuture<Void> replaying =
        CompletableFuture.runAsync(
            () -> {
              try {
                replay(writer, 0, 18);
              } catch (IOException | IllegalStateException e) {
                // Closed while it waits for room: this process is to end.
              }
            });
    while (home.steps() <= stopAt) {
      Thread.sleep(1);
    }
    final long durable = store.durableOffset().orElse(-1);
    store.close();
    replaying.get(30, TimeUnit.SECONDS);
    return durable;
  }

  private static void checkNoOrphans(LayerHome home, long layers) throws IOException {
    assertThat(home.list()).hasSize((int) layers);
    assertThat(home.deleteUnpublished()).isEmpty();
  }

  @Test
  void valuesThatTheDiskHasChanged_doNotGoToLayerFiles_andEndTheStore() throws Exception {
    try (LayerStore store = open(home("changed"))) {
      LayerWriter writer = store.claim();
      replay(writer, 0, 5);
      Path values = directory.resolve("ephemeral/ephemeral-0000000000000000.values");
      flipBit(values);
      replay(writer, 5, 6);
      while (writer.flushFailure().isEmpty()) {
        Thread.sleep(1);
      }
      assertThat(writer.flushFailure().orElseThrow())
          .isInstanceOf(StoreFailedException.class)
          .hasMessageContaining("values of layers that are not durable are damaged")
          .hasMessageContaining("file=" + values + ", position=28672, checksum");
      checkFailed(writer);
      assertThat(store.durableOffset()).isEmpty();
    }
    checkHealedByARestart("changed");
  }

  /** Every writing method says so, with what can be caught. */
  private static void checkFailed(LayerWriter writer) {
    StoreFailedException failure = writer.failure().orElseThrow();
    assertThat(failure).hasMessageContaining("restart the process");
    PageKey key = PageKey.of(0, 1, 2, 3, 0, 4);
    Value value = Value.image(new byte[1]);
    assertThatThrownBy(() -> writer.put(100, ONE, key, Lsn.of(1000), value)).isSameAs(failure);
    assertThatThrownBy(() -> writer.tombstone(100, ONE, KeyRange.ALL, Lsn.of(1000)))
        .isSameAs(failure);
    assertThatThrownBy(() -> writer.progress(100, ONE, Lsn.of(1000))).isSameAs(failure);
    assertThatThrownBy(() -> writer.freeze(100)).isSameAs(failure);
    assertThatThrownBy(writer::awaitFlushed).isSameAs(failure);
  }

  private void checkHealedByARestart(String home) throws Exception {
    try (LayerStore store = open(home(home))) {
      LayerWriter writer = store.claim();
      assertThat(writer.failure()).isEmpty();
      replay(writer, 0, 6);
      writer.awaitFlushed();
      check(store, 6);
    }
  }

  @Test
  void valuesThatTheDiskHasChanged_areNotRead_andEndTheStore() throws Exception {
    try (LayerStore store = open(home("read"))) {
      LayerWriter writer = store.claim();
      replay(writer, 0, 5);
      check(store, 5);
      assertThat(writer.failure()).isEmpty();
      flipBit(directory.resolve("ephemeral/ephemeral-0000000000000000.values"));
      assertThatThrownBy(() -> check(store, 5))
          .isInstanceOf(DamagedValuesException.class)
          .hasMessageContaining("position=28672, checksum");
      checkFailed(writer);
    }
    checkHealedByARestart("read");
  }

  @Test
  void errorThatIsNoDisks_endsTheStore_andIsNotTriedAgain() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    LocalLayerHome disk = home("broken");
    FaultyHome home = new FaultyHome(disk);
    try (LayerStore store = open(home)) {
      LayerWriter writer = store.claim();
      home.failAt(
          step -> {
            tries.incrementAndGet();
            throw new IllegalArgumentException("a rule is broken");
          });
      replay(writer, 0, 6);
      assertThatThrownBy(writer::awaitFlushed)
          .isInstanceOf(StoreFailedException.class)
          .hasMessageContaining("a rule is broken")
          .hasRootCauseInstanceOf(IllegalArgumentException.class);
      checkFailed(writer);
      assertThat(tries).hasValue(1);
      check(store, 6); // reads still succeed
    }
    checkHealedByARestart("broken");
  }

  private static void flipBit(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, 30_000);
      channel.write(one.put(0, (byte) (one.get(0) ^ 4)).flip(), 30_000);
    }
  }

  @Test
  void flushFailure_isVisible_holdsTheWriterAndGoesAway() throws Exception {
    FaultyHome home = new FaultyHome(home("full"));
    try (LayerStore store = open(home)) {
      LayerWriter writer = store.claim();
      home.failAt(step -> true);
      replay(writer, 0, 6);
      while (writer.flushFailure().isEmpty()) {
        Thread.sleep(1);
      }
      assertThat(writer.flushFailure().orElseThrow()).hasMessageContaining("injected");
      assertThat(store.durableOffset()).isEmpty();
      assertThat(writer.awaitFlushed(Duration.ofMillis(20))).isFalse();

      replay(writer, 6, 11);
      CompletableFuture<Void> freezing =
          CompletableFuture.runAsync(
              () -> {
                try {
                  replay(writer, 11, 12);
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      Thread.sleep(100);
      assertThat(freezing).isNotDone();
      checkReads(store, 12); // invariants wait for the writer, which waits here

      home.failAt(step -> false);
      freezing.get(30, TimeUnit.SECONDS);
      writer.awaitFlushed();
      assertThat(writer.flushFailure()).isEmpty();
      assertThat(store.durableOffset()).isEqualTo(OptionalLong.of(11));
      check(store, 12);
    }
  }

  @Test
  void emptyFreezePoints_doNotWaitForRoomAndBecomeOneManifest() throws Exception {
    FaultyHome home = new FaultyHome(new MemoryHome());
    try (LayerStore store = open(home)) {
      LayerWriter writer = store.claim();
      home.failAt(step -> true);
      replay(writer, 0, 6);
      for (long offset = 6; offset < 206; offset++) {
        writer.progress(offset, ONE, Lsn.of(offset));
        writer.freeze(offset);
      }
      home.failAt(step -> false);
      writer.awaitFlushed();
      assertThat(store.durableOffset()).isEqualTo(OptionalLong.of(205));
      assertThat(home.steps()).isLessThan(60);
    }
  }

  @Test
  void freeze_thatIsInterruptedWhileItWaits_freezesNothing() throws Exception {
    FaultyHome home = new FaultyHome(new MemoryHome());
    try (LayerStore store = open(home)) {
      LayerWriter writer = store.claim();
      home.failAt(step -> true);
      replay(writer, 0, 11);
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> writer.freeze(11)).isInstanceOf(InterruptedIOException.class);
      assertThat(Thread.interrupted()).isTrue();
      home.failAt(step -> false);
      replay(writer, 11, 12);
      writer.awaitFlushed();
      check(store, 12);
    }
  }

  @Test
  void readers_whileAStoreIsClaimedWithNewLayers_seeTheOldOrTheNew() throws Exception {
    for (int round = 1; round <= 10; round++) {
      MemoryHome home = new MemoryHome();
      writeAll(home, 0, 12);
      try (LayerStore early = open(home)) {
        writeAll(home, 12, 18);
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Long> reader =
            CompletableFuture.supplyAsync(
                () -> {
                  long reads = 0;
                  try {
                    while (!done.get()) {
                      check(early, 12);
                      reads++;
                    }
                    check(early, 18);
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                  return reads;
                });
        Thread.sleep(5);
        early.claim();
        done.set(true);
        assertThat(reader.get(30, TimeUnit.SECONDS)).isNotNegative();
      }
    }
  }

  private void writeAll(LayerHome home, long firstOffset, long endOffset) throws Exception {
    try (LayerStore store = open(home)) {
      LayerWriter writer = store.claim();
      replay(writer, firstOffset, endOffset);
      writer.awaitFlushed();
    }
  }

  @Test
  void get_fromAFileThatHasShrunk_saysSo() throws Exception {
    Path home = flushedHome("shrunk");
    Path layer = layerFiles(home.resolve(TWO.toString())).get(0);
    try (LayerStore store = open(home("shrunk"))) {
      check(store, 12);
      Files.write(layer, new byte[40]);
      assertThatThrownBy(() -> store.get(TWO, key(0), Lsn.of(1)))
          .isInstanceOf(CorruptLayerException.class)
          .hasMessageContaining("file length");
    }
  }

  @Test
  void store_whoseHomeIsDeletedWhileItIsOpen_saysSo_andMakesNoOther() throws Exception {
    LocalLayerHome home = home("deleted");
    try (LayerStore store = open(home)) {
      LayerWriter writer = store.claim();
      replay(writer, 0, 6);
      writer.awaitFlushed();
      try (Stream<Path> below = Files.walk(home.directory())) {
        for (Path path : below.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
      replay(writer, 6, 12);
      assertThatThrownBy(writer::awaitFlushed)
          .isInstanceOf(FencedException.class)
          .rootCause()
          .hasMessageContaining("the layers are gone")
          .hasMessageContaining("home=" + home.location());
      assertThat(home.directory()).doesNotExist();
    }
  }

  @Test
  void store_whoseManifestAnotherOwnerHasWritten_isFenced() throws Exception {
    LocalLayerHome home = home("fenced");
    try (LayerStore store = open(home)) {
      LayerWriter writer = store.claim();
      replay(writer, 0, 6);
      writer.awaitFlushed();
      byte[] bytes = home.readManifest();
      Manifest manifest = ManifestFormat.decode("manifest", bytes);
      byte[] taken = ManifestFormat.encode(manifest.withEpoch(9));
      home.replaceManifest(bytes, taken);

      replay(writer, 6, 12);
      assertThatThrownBy(writer::awaitFlushed)
          .isInstanceOf(FencedException.class)
          .hasMessageContaining("ownEpoch=1")
          .hasMessageContaining("manifest=epoch 9");
      assertThatThrownBy(() -> replay(writer, 12, 13)).isInstanceOf(FencedException.class);
      assertThatThrownBy(() -> writer.freeze(20)).isInstanceOf(FencedException.class);
      assertThat(store.durableOffset()).isEqualTo(OptionalLong.of(5));
      assertThat(home.readManifest()).isEqualTo(taken);
      check(store, 12);
    }
  }

  @Test
  void claim_raisesTheEpochEachTime() throws Exception {
    LocalLayerHome home = home("epochs");
    for (int epoch = 1; epoch <= 3; epoch++) {
      try (LayerStore store = open(home)) {
        LayerWriter writer = store.claim();
        assertThat(store.claim()).isSameAs(writer);
        assertThat(ManifestFormat.decode("m", home.readManifest()).epoch()).isEqualTo(epoch);
      }
    }
  }

  @Test
  void claim_readsWhatAnotherOwnerHasWrittenSinceOpen() throws Exception {
    try (LayerStore early = open(home("late"))) {
      try (LayerStore other = open(home("late"))) {
        LayerWriter otherWriter = other.claim();
        replay(otherWriter, 0, 6);
        otherWriter.awaitFlushed();
      }
      assertThat(early.durableOffset()).isEmpty();
      early.claim();
      assertThat(early.durableOffset()).isEqualTo(OptionalLong.of(5));
      check(early, 6);
    }
  }

  @Test
  void claim_afterOneThatCouldNotReadTheLayers_showsThemAndContinues() throws Exception {
    Disk disk = new Disk(DiskImage.EMPTY);
    FaultFileSystem files = disk.start();
    LayerHome home = new LocalLayerHome(files.getPath("/home"));
    try (LayerStore early = open(home)) {
      writeAll(home, 0, 6);
      files.plan(
          step -> step.path().endsWith(".delta") ? Fault.ioError(Fault.Effect.NOTHING) : null);
      assertThatThrownBy(early::claim).hasMessageContaining("Input/output error");
      files.plan(FaultPlan.NONE);

      LayerWriter earlyWriter = early.claim();
      assertThat(early.durableOffset()).isEqualTo(OptionalLong.of(5));
      check(early, 6);
      replay(earlyWriter, 6, 12);
      earlyWriter.awaitFlushed();
    }
    try (LayerStore store = open(new LocalLayerHome(disk.start().getPath("/home")))) {
      check(store, 12);
    }
  }

  private Path flushedHome(String name) throws Exception {
    try (LayerStore store = open(home(name))) {
      LayerWriter writer = store.claim();
      replay(writer, 0, 12);
      writer.tombstone(12, ONE, KeyRange.ALL, Lsn.of(100));
      writer.freeze(12);
      writer.awaitFlushed();
    }
    return directory.resolve(name);
  }

  private static List<Path> layerFiles(Path home) throws IOException {
    try (Stream<Path> files = Files.walk(home)) {
      return files.filter(file -> file.toString().endsWith(".delta")).sorted().toList();
    }
  }

  @Test
  void open_ofADamagedManifest_isRefusedAndDeletesNothing() throws Exception {
    Path home = flushedHome("damaged");
    Path manifest = home.resolve("manifest");
    final int layers = layerFiles(home).size();
    byte[] bytes = Files.readAllBytes(manifest);
    bytes[50] ^= 1;
    Files.write(manifest, bytes);

    assertThatThrownBy(() -> open(home("damaged")))
        .isInstanceOf(CorruptLayerException.class)
        .hasMessageContaining(manifest.toString());
    assertThat(layerFiles(home)).hasSize(layers);
    assertThat(Files.readAllBytes(manifest)).isEqualTo(bytes);
  }

  @Test
  void claim_ofAManifestDamagedSinceOpen_isRefusedAndDeletesNothing() throws Exception {
    Path home = flushedHome("damaged-later");
    final int layers = layerFiles(home).size();
    try (LayerStore store = open(home("damaged-later"))) {
      Files.write(home.resolve("manifest"), new byte[] {1, 2, 3});
      assertThatThrownBy(store::claim).isInstanceOf(CorruptLayerException.class);
      assertThat(layerFiles(home)).hasSize(layers);
      assertThat(Files.readAllBytes(home.resolve("manifest"))).containsExactly(1, 2, 3);
    }
    try (LayerStore unlocked = open(home("another"))) {
      unlocked.claim();
    }
  }

  @Test
  void open_withLayersButNoManifest_isRefused() throws Exception {
    Path home = flushedHome("lost-manifest");
    Files.delete(home.resolve("manifest"));

    assertThatThrownBy(() -> open(home("lost-manifest")))
        .isInstanceOf(CorruptLayerException.class)
        .hasMessageContaining("missing or empty");
    assertThat(layerFiles(home)).isNotEmpty();
  }

  @Test
  void open_withALayerMissing_namesIt() throws Exception {
    Path home = flushedHome("lost-layer");
    Path lost = layerFiles(home).get(1);
    Files.delete(lost);

    assertThatThrownBy(() -> open(home("lost-layer")))
        .isInstanceOf(CorruptLayerException.class)
        .hasMessageContaining(lost.toString())
        .hasMessageContaining("missing");
  }

  @Test
  void open_withALayersFooterDamaged_namesIt() throws Exception {
    Path home = flushedHome("damaged-footer");
    Path layer = layerFiles(home).get(0);
    byte[] bytes = Files.readAllBytes(layer);
    bytes[bytes.length - 20] ^= 1;
    Files.write(layer, bytes);

    assertThatThrownBy(() -> open(home("damaged-footer")))
        .isInstanceOf(CorruptLayerException.class)
        .hasMessageContaining(layer.toString())
        .hasMessageContaining("footer checksum");
  }

  @Test
  void open_withAnotherLayersFileUnderALayersName_isRefused() throws Exception {
    Path home = flushedHome("swapped");
    List<Path> layers = layerFiles(home);
    Files.write(layers.get(0), Files.readAllBytes(layers.get(1)));

    assertThatThrownBy(() -> open(home("swapped"))).isInstanceOf(CorruptLayerException.class);
  }

  @Test
  void get_fromADamagedBlock_namesTheFileAndLeavesTheRest() throws Exception {
    Path home = flushedHome("damaged-block");
    Path layer = layerFiles(home.resolve(TWO.toString())).get(0);
    byte[] bytes = Files.readAllBytes(layer);
    bytes[300] ^= 1;
    Files.write(layer, bytes);

    try (LayerStore store = open(home("damaged-block"))) {
      assertThatThrownBy(() -> store.get(TWO, key(0), Lsn.of(1)))
          .isInstanceOf(CorruptLayerException.class)
          .hasMessageContaining(layer.toString())
          .hasMessageContaining("block checksum");
      assertThat(store.get(TWO, key(4), Lsn.of(5)).status())
          .isEqualTo(ReconstructData.Status.COMPLETE);
      assertThat(store.get(ONE, key(0), Lsn.of(1)).status())
          .isEqualTo(ReconstructData.Status.COMPLETE);
    }
  }

  @Test
  void put_whenTheEphemeralFileCannotBeWritten_leavesNothingAndCanBeRepeated() throws Exception {
    Path blocker = directory.resolve("ephemeral");
    try (LayerStore store = open(home("no-space"))) {
      LayerWriter writer = store.claim();
      Files.writeString(blocker, "a file where the directory should be");
      assertThatThrownBy(() -> replay(writer, 0, 1)).isInstanceOf(IOException.class);
      assertThat(store.timelines()).isEmpty();
      Files.delete(blocker);
      replay(writer, 0, 3);
      check(store, 3);
    }
  }
}
