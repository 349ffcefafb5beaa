package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.testkit.Seeds;
import io.walstrata.layerstore.testkit.faultfs.Disk;
import io.walstrata.layerstore.testkit.faultfs.DiskImage;
import io.walstrata.layerstore.testkit.faultfs.FaultFileSystem;
import io.walstrata.layerstore.testkit.faultfs.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Many small cases, some at the same time; each is about one step of a run. */
final class FaultCases {
  /** What a case does. */
  interface Case {
    void run() throws Exception;
  }

  /** Many: most of the time a case waits for the flusher to try again. */
  private static final int THREADS = 16;

  private static final int MAX_SHOWN = 10;
  private static final String STEP = "walstrata.faults.step";

  private record Named(String name, Case work) {}

  private final FaultLog log;
  private final List<Named> cases = new ArrayList<>();
  private final Set<String> checked = ConcurrentHashMap.newKeySet();

  FaultCases(FaultLog log) {
    this.log = log;
  }

  /** Returns the steps of a {@link FaultScenario} in which nothing fails. */
  static List<Step> steps(FaultLog log) throws Exception {
    FaultFileSystem files = new Disk(DiskImage.EMPTY).start();
    FaultScenario scenario = new FaultScenario(log, files, true);
    scenario.run();
    assertThat(scenario.failures()).isEmpty();
    assertThat(scenario.reported()).isEqualTo(FaultLog.lastFreezePoint());
    assertThat(files.openFiles()).isEmpty();
    return files.steps();
  }

  /** Checks what is on a disk, unless the same has been checked before. */
  void check(DiskImage image, long reported) throws Exception {
    if (checked.add(reported + " " + image.fingerprint())) {
      FaultScenario.checkReopened(log, new Disk(image).start().getPath("/"), reported);
    }
  }

  /** Adds a case, unless another step alone was asked for. */
  void add(Step step, long seed, Case work) {
    if (Integer.getInteger(STEP, step.number()) == step.number()) {
      cases.add(
          new Named(step + ", -D" + STEP + "=" + step.number() + ", " + Seeds.replay(seed), work));
    }
  }

  /** Adds a case that is about all steps. */
  void add(long seed, Case work) {
    cases.add(new Named(Seeds.replay(seed), work));
  }

  /** Returns the number of cases added. */
  int count() {
    return cases.size();
  }

  /** Runs all, and fails with the first ones that fail. */
  void run() throws InterruptedException {
    assertThat(cases).isNotEmpty();
    ExecutorService executor = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<Void>> running = new ArrayList<>();
      for (Named named : cases) {
        running.add(
            executor.submit(
                () -> {
                  named.work.run();
                  return null;
                }));
      }
      List<AssertionError> failures = new ArrayList<>();
      for (int i = 0; i < running.size(); i++) {
        try {
          running.get(i).get();
        } catch (ExecutionException e) {
          failures.add(new AssertionError(cases.get(i).name + ": " + e.getCause(), e.getCause()));
        }
      }
      report(failures);
    } finally {
      executor.shutdownNow();
    }
  }

  private void report(List<AssertionError> failures) {
    if (!failures.isEmpty()) {
      AssertionError first = failures.get(0);
      failures.stream().skip(1).limit(MAX_SHOWN).forEach(first::addSuppressed);
      throw new AssertionError(
          failures.size() + " of " + cases.size() + " failed, " + first.getMessage(), first);
    }
  }
}
