package io.walstrata.layerstore.internal.home.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.TestWrites;
import io.walstrata.layerstore.home.LayerFileInput;
import io.walstrata.layerstore.home.LayerFileOutput;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.home.LayerHomeContract;
import io.walstrata.layerstore.home.LayerPath;
import io.walstrata.layerstore.testkit.faultfs.Disk;
import io.walstrata.layerstore.testkit.faultfs.DiskImage;
import io.walstrata.layerstore.testkit.faultfs.Fault;
import io.walstrata.layerstore.testkit.faultfs.FaultFileSystem;
import io.walstrata.layerstore.testkit.faultfs.FaultPlan;
import io.walstrata.layerstore.testkit.faultfs.Step.Kind;
import io.walstrata.layerstore.testkit.faultfs.Survival;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a home makes durable, and what it says of a disk that fails. */
class LocalLayerHomeFaultTest {
  private static final LayerPath PATH = LayerHomeContract.path(1);

  /** Long enough to be synced while it is written. */
  private static final int LONG_MIB = 20;

  private final Disk disk = new Disk(DiskImage.EMPTY);
  private final FaultFileSystem files = disk.start();
  private final LocalLayerHome home = home(files);

  private static LocalLayerHome home(FaultFileSystem files) {
    return new LocalLayerHome(files.getPath("/layers/topic/0"));
  }

  /** Returns the home as it is after a power loss that leaves only what was made durable. */
  private LocalLayerHome afterPowerLoss() {
    return home(new Disk(disk.image(Survival.nothing())).start());
  }

  private static byte[] bytes(int fill) {
    byte[] bytes = new byte[5000];
    Arrays.fill(bytes, (byte) fill);
    return bytes;
  }

  private static void write(LayerHome home) throws IOException {
    try (LayerFileOutput out = TestWrites.create(home, PATH)) {
      out.write(ByteBuffer.wrap(bytes(7)));
      out.publish();
    }
  }

  private static void checkWritten(LayerHome home) throws IOException {
    assertThat(home.list()).containsExactly(PATH);
    try (LayerFileInput in = home.open(PATH)) {
      ByteBuffer read = ByteBuffer.allocate(5000);
      in.read(0, read);
      assertThat(read.array()).isEqualTo(bytes(7));
    }
  }

  private static FaultPlan once(Kind kind, Fault fault) {
    boolean[] done = {false};
    return step -> {
      if (step.kind() != kind || done[0]) {
        return null;
      }
      done[0] = true;
      return fault;
    };
  }

  @Test
  void whatWasPublished_isDurable() throws IOException {
    home.claim();
    home.replaceManifest(new byte[0], bytes(1));
    write(home);
    home.replaceManifest(bytes(1), bytes(2));
    checkWritten(afterPowerLoss());
    assertThat(afterPowerLoss().readManifest()).isEqualTo(bytes(2));
  }

  @Test
  void claim_afterOneWhoWasKilledAtIt_makesTheHomesNameDurable() throws IOException {
    for (int dies = 1; dies <= 30; dies++) {
      Disk machine = new Disk(DiskImage.EMPTY);
      FaultFileSystem killed = machine.start();
      int last = dies;
      killed.plan(step -> step.number() < last ? null : Fault.stop());
      try {
        home(killed).claim();
      } catch (IOException e) {
        assertThat(killed.isStopped()).isTrue();
      }
      killed.plan(step -> Fault.stop());
      assertThatThrownBy(() -> home(killed).claim()).isInstanceOf(IOException.class);

      LocalLayerHome next = home(machine.start());
      next.claim();
      next.replaceManifest(new byte[0], bytes(1));
      assertThat(home(new Disk(machine.image(Survival.nothing())).start()).readManifest())
          .as("killed at step %d", dies)
          .isEqualTo(bytes(1));
    }
  }

  @Test
  void create_afterOneWhoseSyncFailed_makesTheTimelinesNameDurable() throws IOException {
    home.claim();
    home.replaceManifest(new byte[0], bytes(1));
    files.plan(once(Kind.SYNC_DIRECTORY, Fault.ioError(Fault.Effect.NOTHING)));
    assertThatThrownBy(() -> TestWrites.create(home, PATH))
        .isInstanceOf(FileSystemException.class)
        .hasMessage("/layers/topic/0: Input/output error");
    write(home);
    checkWritten(afterPowerLoss());
  }

  @Test
  void manifestOfOneWhoWasKilledBeforeItsSync_isDurableOnceItIsRead() throws IOException {
    home.claim();
    home.replaceManifest(new byte[0], bytes(1));
    files.plan(step -> step.kind() == Kind.SYNC_DIRECTORY ? Fault.stop() : null);
    assertThatThrownBy(() -> home.replaceManifest(bytes(1), bytes(2)))
        .hasMessageContaining("stopped");

    assertThat(afterPowerLoss().readManifest()).isEqualTo(bytes(1));
    assertThat(home(disk.start()).readManifest()).isEqualTo(bytes(2));
    assertThat(afterPowerLoss().readManifest()).isEqualTo(bytes(2));
  }

  @Test
  void longFileWhoseSyncFailsWhileItIsWritten_isDiscardedAndWrittenAgain() throws IOException {
    home.claim();
    home.replaceManifest(new byte[0], bytes(1));
    AtomicInteger syncs = new AtomicInteger();
    files.plan(
        step -> {
          boolean isFirst = step.kind() == Kind.FORCE && syncs.incrementAndGet() == 1;
          return isFirst ? Fault.ioError(Fault.Effect.NOTHING) : null;
        });
    assertThatThrownBy(() -> writeLong(home))
        .isInstanceOf(FileSystemException.class)
        .hasMessage("/layers/topic/0/" + PATH + ".temp: Input/output error");
    assertThat(syncs).as("a sync that failed is not made again").hasValue(1);
    assertThat(home.list()).isEmpty();

    writeLong(home);
    assertThat(syncs).as("synced while it was written, and at the end").hasValueGreaterThan(2);
    try (LayerFileInput in = afterPowerLoss().open(PATH)) {
      assertThat(in.length()).isEqualTo(LONG_MIB << 20);
      ByteBuffer last = ByteBuffer.allocate(1 << 20);
      in.read((LONG_MIB - 1) << 20, last);
      assertThat(last.array()).containsOnly(LONG_MIB - 1);
    }
  }

  private static void writeLong(LayerHome home) throws IOException {
    byte[] bytes = new byte[1 << 20];
    try (LayerFileOutput out = TestWrites.create(home, PATH)) {
      for (int mib = 0; mib < LONG_MIB; mib++) {
        Arrays.fill(bytes, (byte) mib);
        out.write(ByteBuffer.wrap(bytes));
      }
      out.publish();
    }
  }

  @Test
  void fileWhoseForceHasFailed_isWrittenAgain() throws IOException {
    home.claim();
    home.replaceManifest(new byte[0], bytes(1));
    for (int tries = 0; tries < 2; tries++) {
      files.plan(once(Kind.FORCE, Fault.ioError(Fault.Effect.NOTHING)));
      assertThatThrownBy(() -> write(home))
          .isInstanceOf(FileSystemException.class)
          .hasMessage("/layers/topic/0/" + PATH + ".temp: Input/output error");
      assertThat(home.list()).isEmpty();
      files.plan(once(Kind.FORCE, Fault.ioError(Fault.Effect.NOTHING)));
      assertThatThrownBy(() -> home.replaceManifest(bytes(1), bytes(2)))
          .hasMessage("/layers/topic/0/manifest.temp: Input/output error");
    }
    write(home);
    home.replaceManifest(bytes(1), bytes(2));
    checkWritten(afterPowerLoss());
    assertThat(afterPowerLoss().readManifest()).isEqualTo(bytes(2));
  }

  @Test
  void list_ofADirectoryThatCannotBeReadToItsEnd_isAnIoException() throws IOException {
    home.claim();
    write(home);
    for (int failing = 0; failing < 4; failing++) {
      int[] left = {failing};
      files.plan(
          step ->
              step.kind() == Kind.LIST && left[0]-- == 0
                  ? Fault.ioError(Fault.Effect.NOTHING)
                  : null);
      assertThatThrownBy(home::list)
          .isInstanceOf(FileSystemException.class)
          .hasMessageContaining("/layers/topic/0")
          .hasMessageContaining("Input/output error");
    }
    assertThat(files.openFiles()).containsExactly("/layers/topic/0/lock");
  }

  @Test
  void layerThatCannotBeLookedAt_isNotSaidToBeMissing() throws IOException {
    home.claim();
    write(home);
    files.plan(step -> step.kind() == Kind.STAT ? Fault.denied() : null);
    assertThatThrownBy(() -> home.open(PATH))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessage("/layers/topic/0/" + PATH + ": access denied");
  }

  @Test
  void claimThatFails_leavesTheHomeToOthers() throws IOException {
    for (Kind kind : new Kind[] {Kind.CREATE, Kind.LOCK, Kind.WRITE, Kind.TRUNCATE, Kind.CLOSE}) {
      files.plan(step -> step.kind() == kind ? Fault.noSpace(Fault.Effect.HALF) : null);
      try {
        home.claim().close();
      } catch (FileSystemException e) {
        assertThat(e).hasMessageEndingWith(": No space left on device");
      }
      files.plan(FaultPlan.NONE);
      assertThat(files.openFiles()).isEmpty();
      home.claim().close();
    }
  }

  @Test
  void parentThatMayNotBeWritten_needsNoSync() throws IOException {
    // A directory of others: it cannot be opened, and this process has made no name in it.
    files.pause(() -> java.nio.file.Files.createDirectories(files.getPath("/layers/topic")));
    files.plan(
        step ->
            step.path().equals("/") && (step.kind() == Kind.OPEN || step.kind() == Kind.STAT)
                ? Fault.denied()
                : null);
    home.claim().close();
    files.plan(step -> step.path().equals("/") && step.kind() == Kind.OPEN ? Fault.denied() : null);
    assertThatThrownBy(home::claim)
        .isInstanceOf(AccessDeniedException.class)
        .hasMessage("/: access denied");
  }
}
