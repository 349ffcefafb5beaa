package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.home.FencedException;
import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.internal.memory.EphemeralFileException;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.testkit.faultfs.FaultFileSystem;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/**
 * A process that works on a partition: three stores after each other take the log in turns, the
 * second one opened long before it claims the home. A call that fails is made again, as a caller
 * would do it. A run that waits takes the same steps in the same order each time.
 */
final class FaultScenario {
  private static final LayerStoreOptions OPTIONS =
      LayerStoreOptions.DEFAULTS.withMaxFrozen(1).withWriteBufferBytes(4096);

  /** The process has stopped: no code of it may run any more. */
  static final class StoppedException extends Exception {
    private static final long serialVersionUID = 1L;

    StoppedException(Throwable cause) {
      super(cause);
    }
  }

  private static final String[] REASONS = {
    "No space left on device", "Too many open files", "Input/output error"
  };

  /** More than any case makes fail. */
  private static final int MAX_TRIES = 20;

  private final FaultLog log;
  private final FaultFileSystem files;
  private final boolean waits;
  private final List<LayerStore> stores = new ArrayList<>();
  private final List<IOException> failures = new ArrayList<>();
  private long reported = -1;

  /**
   * @param waits at each freeze point until it is durable, so that only one thread works at a time;
   *     if not, only before a store is closed
   */
  FaultScenario(FaultLog log, FaultFileSystem files, boolean waits) {
    this.log = log;
    this.files = files;
    this.waits = waits;
  }

  static Path home(Path root) {
    return root.resolve("layers/topic/0");
  }

  static Path ephemeral(Path root) {
    return root.resolve("tasks/0_0/store");
  }

  static LayerStore open(Path root) throws IOException {
    return LayerStore.open(new LocalLayerHome(home(root)), ephemeral(root), OPTIONS);
  }

  /** Returns the last offset that a store has reported as durable; -1 for none. */
  long reported() {
    return reported;
  }

  /** Returns what calls have failed with. */
  List<IOException> failures() {
    return failures;
  }

  /**
   * Runs to the end, or to where the process stops; closes what it has opened.
   *
   * @throws StoppedException if the process has stopped
   */
  void run() throws Exception {
    try {
      LayerStore first = open();
      LayerWriter writer = claim(first);
      LayerStore second = replay(first, writer, 4) ? open() : first;
      replay(first, writer, 11);
      checkSome(first, 11);
      close(first);
      leaveRemains();
      if (second == first) {
        second = open();
      }
      replay(second, claim(second), 18);
      checkSome(second, 18);
      close(second);
      LayerStore third = open();
      replay(third, claim(third), FaultLog.END - 1);
      checkSome(third, FaultLog.END - 1);
      close(third);
    } finally {
      for (LayerStore store : stores) {
        try {
          store.close();
        } catch (IOException e) {
          failures.add(e);
        }
        reported = Math.max(reported, store.durableOffset().orElse(-1));
      }
    }
  }

  private LayerStore open() throws Exception {
    LayerStore store = call(() -> open(files.getPath("/")));
    stores.add(store);
    report(store);
    return store;
  }

  private LayerWriter claim(LayerStore store) throws Exception {
    LayerWriter writer = call(store::claim);
    report(store);
    return writer;
  }

  private void close(LayerStore store) throws Exception {
    store.checkInvariants();
    call(
        () -> {
          store.close();
          return null;
        });
    report(store);
  }

  private void report(LayerStore store) {
    long durable = store.durableOffset().orElse(-1);
    assertThat(durable).as("durable offset").isGreaterThanOrEqualTo(-1);
    reported = Math.max(reported, durable);
  }

  /** Puts the log from where the store is; returns whether there was anything to put. */
  private boolean replay(LayerStore store, LayerWriter writer, long last) throws Exception {
    long next = store.durableOffset().orElse(-1) + 1;
    for (long offset = next; offset <= last; offset++) {
      long at = offset;
      call(
          () -> {
            log.apply(writer, at);
            return null;
          });
      if (FaultLog.isFreezePoint(offset)) {
        call(
            () -> {
              writer.freeze(at);
              return null;
            });
        if (waits) {
          awaitFlushed(store, writer, offset);
        }
      }
    }
    if (!waits) {
      awaitFlushed(store, writer, Math.max(next - 1, FaultLog.freezePoint(last)));
    }
    return next <= last;
  }

  private void awaitFlushed(LayerStore store, LayerWriter writer, long offset) throws Exception {
    call(
        () -> {
          while (!writer.awaitFlushed(Duration.ofMillis(2))) {
            writer.flushFailure().ifPresent(this::checkClear);
            if (files.isStopped()) {
              throw new IOException("stopped");
            }
          }
          return null;
        });
    assertThat(store.durableOffset().orElse(-1)).isEqualTo(offset);
    report(store);
  }

  private void checkSome(LayerStore store, long offset) throws Exception {
    call(
        () -> {
          log.checkSome(store, offset, 12);
          return null;
        });
  }

  private <T> T call(Callable<T> call) throws Exception {
    for (int tries = 1; ; tries++) {
      try {
        return call.call();
      } catch (IOException e) {
        if (files.isStopped()) {
          throw new StoppedException(e);
        }
        checkClear(e);
        failures.add(e);
        assertThat(tries).as("tries, the last one failed with %s", e).isLessThan(MAX_TRIES);
      }
    }
  }

  /**
   * A disk that fails is neither damaged data nor another owner; and the message states what failed
   * where.
   */
  private void checkClear(IOException e) {
    if (!files.isStopped()) {
      assertThat(e)
          .isNotInstanceOf(CorruptLayerException.class)
          .isNotInstanceOf(FencedException.class);
      Throwable reason = e instanceof EphemeralFileException ? e.getCause() : e;
      if (!(reason instanceof AccessDeniedException
          || reason instanceof FileAlreadyExistsException)) {
        assertThat(e).message().containsAnyOf(REASONS);
      }
      assertThat(e).message().containsPattern("(^|[ =])/");
    }
  }

  /** What processes leave that are killed at the wrong moment. */
  private void leaveRemains() throws IOException {
    if (files.isStopped()) {
      return;
    }
    Path root = files.getPath("/");
    files.pause(
        () -> {
          Path home = home(root);
          Path layer;
          try (Stream<Path> found = Files.walk(home)) {
            layer = found.filter(path -> path.toString().endsWith(".delta")).findFirst().get();
          }
          String other = layer.getFileName().toString().replaceAll("[0-9A-F]{16}.delta", "");
          Files.write(layer.resolveSibling(other + "00000000000000FF.delta"), new byte[100]);
          Files.write(layer.resolveSibling(other + "00000000000000FE.delta.temp"), new byte[100]);
          Files.write(home.resolve("manifest.temp"), new byte[100]);
          Files.createDirectories(ephemeral(root));
          Files.write(ephemeral(root).resolve("ephemeral-0000000000000007.values"), new byte[9]);
        });
  }

  /**
   * Opens what processes have left, and checks that it is what the log holds up to some freeze
   * point; then takes it over, and checks that it continues from there.
   *
   * @param reported what was reported as durable, which must be there
   */
  static void checkReopened(FaultLog log, Path root, long reported) throws Exception {
    try (LayerStore store = open(root)) {
      long durable = store.durableOffset().orElse(-1);
      assertThat(durable).isGreaterThanOrEqualTo(reported);
      assertThat(durable == -1 || FaultLog.isFreezePoint(durable)).isTrue();
      log.check(store, durable);
      LayerWriter writer = store.claim();
      checkNoRemains(store, root);
      for (long offset = durable + 1; offset < FaultLog.END; offset++) {
        log.apply(writer, offset);
        if (FaultLog.isFreezePoint(offset)) {
          writer.freeze(offset);
        }
      }
      log.check(store, FaultLog.END - 1);
      writer.awaitFlushed();
    }
    try (LayerStore store = open(root)) {
      log.check(store, FaultLog.lastFreezePoint());
      checkNoRemains(store, root);
    }
  }

  /** Checks that a home holds its manifest, its lock, and the layers of the store, all intact. */
  private static void checkNoRemains(LayerStore store, Path root) throws IOException {
    long layers = 0;
    for (TimelineInfo info : store.timelines()) {
      layers +=
          store.layers(info.timeline()).stream()
              .filter(layer -> layer.state() == LayerDesc.State.DELTA)
              .count();
    }
    List<Path> found;
    try (Stream<Path> all = Files.walk(home(root))) {
      found = all.filter(Files::isRegularFile).toList();
    }
    long deltas = 0;
    for (Path file : found) {
      if (file.toString().endsWith(".delta")) {
        LayerFileReport report = LayerFiles.verify(file);
        assertThat(report.problem()).as("%s", file).isEmpty();
        deltas++;
      } else {
        assertThat(file.getFileName().toString()).isIn("manifest", "lock");
      }
    }
    assertThat(deltas).as("layer files, of %s", found).isEqualTo(layers);
    LayerTree.verify(home(root), report -> assertThat(report.isIntact()).as("%s", report).isTrue());
    if (Files.exists(ephemeral(root))) {
      try (Stream<Path> all = Files.list(ephemeral(root))) {
        assertThat(all.toList()).isEmpty();
      }
    }
  }
}
