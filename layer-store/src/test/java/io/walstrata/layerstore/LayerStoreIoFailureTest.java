package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.testkit.Seeds;
import io.walstrata.layerstore.testkit.faultfs.Disk;
import io.walstrata.layerstore.testkit.faultfs.DiskImage;
import io.walstrata.layerstore.testkit.faultfs.Fault;
import io.walstrata.layerstore.testkit.faultfs.FaultFileSystem;
import io.walstrata.layerstore.testkit.faultfs.FaultPlan;
import io.walstrata.layerstore.testkit.faultfs.Step;
import io.walstrata.layerstore.testkit.faultfs.Step.Kind;
import io.walstrata.layerstore.testkit.faultfs.Survival;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Each I/O step of a process fails in turn, in each way in which it can; then the disk stays full,
 * descriptors stay used up, a directory stays read-only. Errors are clear, what was reported is
 * there, and the store resumes when the trouble is over.
 *
 * <p>A failure names its step, to be run alone with {@code -Dwalstrata.faults.step=N}. The random
 * test takes {@code -Dwalstrata.faults.seeds=N} and {@code -Dwalstrata.seed=N}, but threads make
 * each of its runs a little different.
 */
@Timeout(600)
class LayerStoreIoFailureTest {
  private static final int SEEDS = 8;

  private final FaultLog log = new FaultLog();
  private final FaultCases cases = new FaultCases(log);
  private final AtomicInteger injected = new AtomicInteger(); // by all cases
  private final Disk disk = new Disk(DiskImage.EMPTY);
  private final FaultFileSystem files = disk.start();

  private static List<Fault> faults(Step step) {
    List<Fault> faults = new ArrayList<>();
    if (step.kind().changes()) {
      faults.add(Fault.noSpace(Fault.Effect.HALF));
      faults.add(Fault.ioError(Fault.Effect.ALL));
    } else {
      faults.add(Fault.ioError(Fault.Effect.NOTHING));
    }
    if (step.kind() == Kind.WRITE) {
      faults.add(Fault.ioError(Fault.Effect.NOTHING));
    }
    if (step.kind().opens()) {
      faults.add(Fault.tooManyOpenFiles());
    }
    return faults;
  }

  @Test
  void anyStep_failingOnce_endsWithEverythingThere() throws Exception {
    for (Step step : FaultCases.steps(log)) {
      for (Fault fault : faults(step)) {
        cases.add(step, 0, () -> run(at -> at.number() == step.number() ? fault : null, true));
      }
    }
    cases.run();
    assertThat(injected).hasValue(cases.count());
  }

  @Test
  void anyChange_onADiskThatIsFullForAWhile_endsWithEverythingThere() throws Exception {
    List<Step> steps = FaultCases.steps(log);
    for (Step step : steps) {
      if (step.kind() == Kind.WRITE || step.kind() == Kind.CREATE) {
        int[] left = {3};
        cases.add(
            step,
            0,
            () ->
                run(
                    at ->
                        at.number() >= step.number() && needsSpace(at) && left[0]-- > 0
                            ? Fault.noSpace(Fault.Effect.HALF)
                            : null,
                    true));
      }
    }
    cases.run();
    assertThat(injected).hasValue(3 * cases.count());
  }

  @Test
  void changes_failingAtRandomWhileTheWriterContinues_endWithEverythingThere() throws Exception {
    int count = Integer.getInteger("walstrata.faults.seeds", SEEDS);
    for (long seed : Seeds.seeds(count).toArray()) {
      Random random = new Random(seed);
      cases.add(
          seed,
          () ->
              run(
                  at ->
                      at.kind().changes() && random.nextInt(60) == 0
                          ? Fault.ioError(Fault.Effect.values()[random.nextInt(3)])
                          : null,
                  false));
    }
    cases.run();
    assertThat(injected).hasPositiveValue();
  }

  /** Runs a process to its end, and checks what it leaves. */
  private void run(FaultPlan plan, boolean waits) throws Exception {
    Disk own = new Disk(DiskImage.EMPTY);
    FaultFileSystem process = own.start();
    process.plan(
        step -> {
          Fault fault = plan.at(step);
          injected.addAndGet(fault == null ? 0 : 1);
          return fault;
        });
    FaultScenario scenario = new FaultScenario(log, process, waits);
    scenario.run();
    assertThat(process.openFiles()).isEmpty();
    assertThat(scenario.reported()).isEqualTo(FaultLog.lastFreezePoint());
    cases.check(own.image(Survival.nothing()), FaultLog.lastFreezePoint());
    cases.check(own.image(Survival.everything()), FaultLog.lastFreezePoint());
  }

  @Test
  void transfersInPieces_areCarriedOn() throws Exception {
    files.transferInPieces();
    FaultScenario scenario = new FaultScenario(log, files, true);
    scenario.run();
    assertThat(scenario.failures()).isEmpty();
    cases.check(disk.image(Survival.nothing()), FaultLog.lastFreezePoint());
  }

  private static boolean needsSpace(Step step) {
    return step.kind() == Kind.WRITE
        || step.kind() == Kind.CREATE
        || step.kind() == Kind.CREATE_DIRECTORY;
  }

  private LayerStore open() throws IOException {
    return FaultScenario.open(files.getPath("/"));
  }

  /** Puts the log; freezes at its freeze points. */
  private void put(LayerWriter writer, long first, long last) {
    try {
      for (long offset = first; offset <= last; offset++) {
        log.apply(writer, offset);
        if (FaultLog.isFreezePoint(offset)) {
          writer.freeze(offset);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until the flusher has tried some times and failed. */
  private void awaitFailures(LayerWriter writer, String reason) throws InterruptedException {
    int enough = files.steps().size() + 12;
    while (writer.flushFailure().isEmpty() || files.steps().size() < enough) {
      Thread.sleep(1);
    }
    assertThat(writer.flushFailure().orElseThrow())
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("/layers/topic/0/")
        .hasMessageContaining(reason);
  }

  @Test
  void fullDiskOfLayers_holdsTheWriter_whichResumesByItselfWhenThereIsSpace() throws Exception {
    try (LayerStore store = open()) {
      LayerWriter writer = store.claim();
      files.plan(
          at ->
              needsSpace(at) && at.path().startsWith("/layers/")
                  ? Fault.noSpace(Fault.Effect.HALF)
                  : null);
      put(writer, 0, 8);
      CompletableFuture<Void> next = CompletableFuture.runAsync(() -> put(writer, 9, 11));
      awaitFailures(writer, "No space left on device");
      assertThat(next).isNotDone();
      assertThat(store.durableOffset()).isEmpty();
      log.check(store, 9);

      files.plan(FaultPlan.NONE);
      next.get(60, TimeUnit.SECONDS);
      writer.awaitFlushed();
      assertThat(writer.flushFailure()).isEmpty();
      assertThat(store.durableOffset()).isEqualTo(OptionalLong.of(10));
      log.check(store, 11);
    }
    cases.check(disk.image(Survival.nothing()), 10);
  }

  @Test
  void fullDiskOfEphemeralFiles_refusesEachPut_untilThereIsSpace() throws Exception {
    try (LayerStore store = open()) {
      LayerWriter writer = store.claim();
      files.plan(
          at ->
              needsSpace(at) && at.path().startsWith("/tasks/")
                  ? Fault.noSpace(Fault.Effect.HALF)
                  : null);
      for (int tries = 0; tries < 3; tries++) {
        store.checkInvariants();
        assertThatThrownBy(() -> put(writer, 0, 0))
            .hasRootCauseInstanceOf(FileSystemException.class)
            .hasMessageContaining("/tasks/0_0")
            .hasMessageContaining("No space left on device");
        assertThat(store.timelines()).isEmpty();
      }
      files.plan(FaultPlan.NONE);
      put(writer, 0, 1);
      files.plan(at -> at.kind() == Kind.WRITE ? Fault.noSpace(Fault.Effect.HALF) : null);
      for (int tries = 0; tries < 3; tries++) {
        assertThatThrownBy(() -> put(writer, 2, 2))
            .hasMessageContaining("/tasks/0_0/store/ephemeral-")
            .hasMessageContaining("No space left on device");
        log.check(store, 1);
        store.checkInvariants();
      }
      files.plan(FaultPlan.NONE);
      put(writer, 2, FaultLog.END - 1);
      log.check(store, FaultLog.END - 1);
      writer.awaitFlushed();
    }
    cases.check(disk.image(Survival.nothing()), FaultLog.lastFreezePoint());
  }

  @Test
  void tooManyOpenFiles_isSaidByEveryCall_andPasses() throws Exception {
    FaultPlan exhausted = at -> at.kind().opens() ? Fault.tooManyOpenFiles() : null;
    try (LayerStore store = open()) {
      LayerWriter writer = store.claim();
      put(writer, 0, 4);
      writer.awaitFlushed();

      files.plan(exhausted);
      for (int tries = 0; tries < 3; tries++) {
        assertThatThrownBy(() -> log.check(store, 4))
            .isInstanceOf(FileSystemException.class)
            .hasMessageContaining("Too many open files");
        assertThatThrownBy(() -> put(writer, 5, 5)).hasMessageContaining("Too many open files");
        assertThatThrownBy(this::open)
            .isInstanceOf(FileSystemException.class)
            .hasMessageContaining("Too many open files");
      }
      files.plan(FaultPlan.NONE);
      log.check(store, 4);
      put(writer, 5, 8);

      files.plan(exhausted);
      put(writer, 9, 9);
      awaitFailures(writer, "Too many open files");
      log.check(store, 9);

      files.plan(FaultPlan.NONE);
      writer.awaitFlushed();
      assertThat(store.durableOffset()).isEqualTo(OptionalLong.of(9));
      log.check(store, 9);
      put(writer, 10, FaultLog.END - 1);
      files.plan(exhausted);
    }
    assertThat(files.openFiles()).isEmpty();
    cases.check(disk.image(Survival.nothing()), 9);
  }

  @Test
  void readOnlyDirectory_canBeReadButNotClaimed() throws Exception {
    try (LayerStore store = open()) {
      LayerWriter writer = store.claim();
      put(writer, 0, 9);
      writer.awaitFlushed();
    }
    files.plan(
        at ->
            switch (at.kind()) {
              case CREATE, CREATE_DIRECTORY, MOVE, DELETE -> Fault.denied();
              default -> null;
            });
    try (LayerStore store = open()) {
      log.check(store, 9);
      for (int tries = 0; tries < 3; tries++) {
        assertThatThrownBy(store::claim)
            .isInstanceOf(AccessDeniedException.class)
            .hasMessage("/layers/topic/0/manifest.temp: access denied");
      }
      log.check(store, 9);

      files.plan(FaultPlan.NONE);
      LayerWriter writer = store.claim();
      put(writer, 10, FaultLog.END - 1);
      writer.awaitFlushed();
    }
    cases.check(disk.image(Survival.nothing()), FaultLog.lastFreezePoint());
  }

  @Test
  void directoryThatCannotBeMade_isSaid() throws Exception {
    files.plan(at -> at.kind() == Kind.CREATE_DIRECTORY ? Fault.denied() : null);
    try (LayerStore store = open()) {
      assertThat(store.timelines()).isEmpty();
      assertThatThrownBy(store::claim)
          .isInstanceOf(AccessDeniedException.class)
          .hasMessageMatching("/layers.*: access denied");
      files.plan(FaultPlan.NONE);
      LayerWriter writer = store.claim();
      put(writer, 0, 4);
    }
  }

  @Test
  void layersThatCannotBeRead_areNotTakenForMissing() throws Exception {
    try (LayerStore store = open()) {
      LayerWriter writer = store.claim();
      put(writer, 0, 9);
      writer.awaitFlushed();
    }
    files.plan(at -> at.path().endsWith(".delta") ? Fault.denied() : null);
    assertThatThrownBy(this::open)
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageContaining(".delta: access denied");
    assertThat(files.openFiles()).isEmpty();
  }
}
