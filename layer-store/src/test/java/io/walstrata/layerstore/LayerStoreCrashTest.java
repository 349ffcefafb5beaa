package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.testkit.Seeds;
import io.walstrata.layerstore.testkit.faultfs.Disk;
import io.walstrata.layerstore.testkit.faultfs.DiskImage;
import io.walstrata.layerstore.testkit.faultfs.Fault;
import io.walstrata.layerstore.testkit.faultfs.FaultFileSystem;
import io.walstrata.layerstore.testkit.faultfs.Step;
import io.walstrata.layerstore.testkit.faultfs.Survival;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process is stopped at each of its I/O steps in turn; then the power goes, and takes what was
 * not made durable: all of it, nothing, or what a seed says. What the process had reported as
 * durable must be there when the store is opened again, and nothing half of anything.
 *
 * <p>{@code -Dwalstrata.faults.seeds=N} tries N seeds per step instead of {@value #SEEDS}; the
 * first half of them are always the same. A failure names its step and seed, to be run alone with
 * {@code -Dwalstrata.faults.step=N -Dwalstrata.seed=N}.
 */
@Timeout(600)
class LayerStoreCrashTest {
  private static final int SEEDS = 2;

  @TempDir Path directory;

  private final FaultLog log = new FaultLog();
  private List<Step> changes;

  @BeforeEach
  void listSteps() throws Exception {
    changes = FaultCases.steps(log).stream().filter(step -> step.kind().changes()).toList();
    assertThat(changes).hasSizeGreaterThan(150);
  }

  private static long[] seeds() {
    return Seeds.seeds(Integer.getInteger("walstrata.faults.seeds", SEEDS)).toArray();
  }

  /** Returns one of the default seeds, or all that were asked for. */
  private static long[] fewSeeds(Step step) {
    long[] seeds = seeds();
    return seeds.length == SEEDS ? new long[] {seeds[step.number() % SEEDS]} : seeds;
  }

  private interface Crash {
    /** Runs a process, or two, and returns what they have reported as durable. */
    long run(Disk disk, Step step, long seed) throws Exception;
  }

  private void atEachStep(Function<Step, long[]> seeds, Crash crash) throws Exception {
    FaultCases cases = new FaultCases(log);
    for (Step step : changes) {
      for (long seed : seeds.apply(step)) {
        cases.add(
            step,
            seed,
            () -> {
              Disk disk = new Disk(DiskImage.EMPTY);
              long reported = crash.run(disk, step, seed);
              cases.check(disk.image(Survival.nothing()), reported);
              cases.check(disk.image(Survival.everything()), reported);
              cases.check(disk.image(Survival.random(seed)), reported);
            });
      }
    }
    cases.run();
  }

  @Test
  void powerLoss_atAnyStep_leavesWhatWasReported() throws Exception {
    atEachStep(step -> seeds(), (disk, step, seed) -> runUntil(disk, step));
  }

  @Test
  void powerLoss_someTimeAfterAKill_leavesWhatBothProcessesReported() throws Exception {
    atEachStep(
        LayerStoreCrashTest::fewSeeds,
        (disk, step, seed) -> {
          final long reported = runUntil(disk, step);
          int stop = new Random(seed + step.number()).nextInt(200);
          FaultFileSystem second = disk.start();
          second.plan(at -> at.number() < stop ? null : Fault.stop());
          return Math.max(reported, run(second));
        });
  }

  @Test
  void powerLoss_soonAfterAFailure_leavesWhatWasReported() throws Exception {
    atEachStep(
        LayerStoreCrashTest::fewSeeds,
        (disk, step, seed) -> {
          Random random = new Random(seed + step.number());
          Fault.Effect effect = Fault.Effect.values()[random.nextInt(3)];
          boolean atSync = random.nextBoolean(); // when most is unsure
          int[] left = {1 + random.nextInt(atSync ? 8 : 40)};
          FaultFileSystem files = disk.start();
          files.plan(
              at -> {
                if (at.number() <= step.number()) {
                  return at.number() == step.number() ? Fault.ioError(effect) : null;
                }
                left[0] -= !atSync || at.kind() == Step.Kind.SYNC_DIRECTORY ? 1 : 0;
                return left[0] > 0 ? null : Fault.stop();
              });
          return run(files);
        });
  }

  @Test
  void powerLoss_onARealDisk_leavesWhatWasReported() throws Exception {
    FaultCases cases = new FaultCases(log);
    long seed = seeds()[0];
    for (int i = 3; i < changes.size(); i += 17) {
      Step step = changes.get(i);
      cases.add(
          step,
          seed,
          () -> {
            Disk disk = new Disk(DiskImage.EMPTY);
            long reported = runUntil(disk, step);
            Path root = directory.resolve("step-" + step.number());
            disk.image(Survival.random(seed)).writeTo(root);
            FaultScenario.checkReopened(log, root, reported);
          });
    }
    cases.run();
  }

  /** Runs a process that stops at a step; returns what it has reported as durable. */
  private long runUntil(Disk disk, Step step) throws Exception {
    FaultFileSystem files = disk.start();
    files.plan(
        at -> {
          assertThat(at.number() < step.number() || at.equals(step))
              .as("each run takes the same steps: %s", at)
              .isTrue();
          return at.equals(step) ? Fault.stop() : null;
        });
    long reported = run(files);
    assertThat(files.isStopped()).isTrue();
    return reported;
  }

  private long run(FaultFileSystem files) throws Exception {
    FaultScenario scenario = new FaultScenario(log, files, true);
    try {
      scenario.run();
    } catch (FaultScenario.StoppedException e) {
      assertThat(files.isStopped()).isTrue();
    }
    assertThat(files.openFiles()).isEmpty();
    return scenario.reported();
  }
}
