package io.walstrata.layerstore.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.walstrata.layerstore.TestWrites;
import io.walstrata.layerstore.internal.file.InterruptSafeChannel;
import io.walstrata.layerstore.testkit.Seeds;
import io.walstrata.layerstore.testkit.faultfs.Disk;
import io.walstrata.layerstore.testkit.faultfs.DiskImage;
import io.walstrata.layerstore.testkit.faultfs.Fault;
import io.walstrata.layerstore.testkit.faultfs.FaultFileSystem;
import io.walstrata.layerstore.testkit.faultfs.Step.Kind;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EphemeralFileTest {
  @TempDir Path directory;

  private Path path(int number) {
    return directory.resolve("ephemeral-000000000000000" + number + ".values");
  }

  @Test
  void read_givesWhatWasAppended_inTheBufferTheFileAndBeyondTheBuffer() throws IOException {
    EphemeralFile file = EphemeralFile.create(directory, 1, 64, TestWrites.RESOURCES);
    Random random = new Random(3);
    List<byte[]> values = new ArrayList<>();
    List<Long> positions = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      byte[] value = new byte[random.nextInt(4) == 0 ? random.nextInt(300) : random.nextInt(30)];
      random.nextBytes(value);
      byte[] padded = new byte[value.length + 2];
      System.arraycopy(value, 0, padded, 1, value.length);
      positions.add(file.append(padded, 1, value.length));
      values.add(value);
      int other = random.nextInt(values.size());
      assertThat(file.read(positions.get(other), values.get(other).length))
          .isEqualTo(values.get(other));
    }
    for (int i = 0; i < values.size(); i++) {
      assertThat(file.read(positions.get(i), values.get(i).length)).isEqualTo(values.get(i));
    }
    file.release();
  }

  @Test
  void read_acrossTheEndOfTheFile_takesTheRestFromTheBuffer() throws IOException {
    EphemeralFile file = EphemeralFile.create(directory, 1, 8, TestWrites.RESOURCES);
    file.append(new byte[] {1, 2, 3, 4, 5, 6}, 0, 6);
    file.append(new byte[] {7, 8, 9, 10}, 0, 4);

    // The first four bytes are in the file, the next four may be, the others are not.
    assertThat(Files.size(path(1))).isIn(4L, 8L);
    assertThat(file.read(3, 7)).containsExactly(4, 5, 6, 7, 8, 9, 10);
    assertThat(file.read(0, 3)).containsExactly(1, 2, 3);
    file.release();
  }

  @Test
  void buffer_startsSmallAndGrows_andKeepsWhatIsInIt() throws IOException {
    EphemeralFile file = EphemeralFile.create(directory, 1, 100_000, TestWrites.RESOURCES);
    long empty = file.heapBytes();
    byte[] value = new byte[1000];
    for (int i = 0; i < 250; i++) {
      Arrays.fill(value, (byte) i);
      assertThat(file.append(value, 0, value.length)).isEqualTo(i * 1000L);
      assertThat(file.length()).isEqualTo((i + 1) * 1000L);
      // A chunk is written while the next one is filled, and before the one after that.
      long full = ((i + 1) * 1000L - 1) / 50_000;
      assertThat(Files.size(path(1))).isBetween((full - 1) * 50_000, full * 50_000);
      for (int j = 0; j <= i; j += 7) {
        assertThat(file.read(j * 1000L, 1000)).containsOnly((byte) j);
      }
    }
    assertThat(empty).isLessThan(5000);
    assertThat(file.heapBytes()).isBetween(100_000L, 100_500L); // with checksums
    file.release();
  }

  /** A byte's value follows from its position, so that a reader knows what it must get. */
  private static byte byteAt(long position) {
    return (byte) (position * 0x9E3779B97F4A7C15L >>> 56);
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 1 << 15, 1 << 16})
  void read_whileTheBufferIsUsedAgain_givesWhatWasAppended(int bufferBytes) throws Exception {
    EphemeralFile file = EphemeralFile.create(directory, 1, bufferBytes, TestWrites.RESOURCES);
    AtomicLong end = new AtomicLong();
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService readers = Executors.newFixedThreadPool(2);
    try {
      List<Future<Long>> reads = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        reads.add(readers.submit(() -> readTheEnd(file, bufferBytes, end, done)));
      }
      Random random = new Random(5);
      byte[] value = new byte[600];
      for (int i = 0; i < 300_000; i++) {
        long position = end.get();
        int length = random.nextInt(1000) == 0 ? value.length : random.nextInt(100);
        for (int j = 0; j < length; j++) {
          value[j] = byteAt(position + j);
        }
        assertThat(file.append(value, 0, length)).isEqualTo(position);
        end.set(position + length);
      }
      done.set(true);
      for (Future<Long> read : reads) {
        assertThat(read.get()).isPositive();
      }
    } finally {
      done.set(true);
      readers.shutdown();
      file.release();
    }
  }

  private static long readTheEnd(
      EphemeralFile file, int bufferBytes, AtomicLong end, AtomicBoolean done) throws IOException {
    Random random = new Random(6);
    long reads = 0;
    do {
      long until = end.get();
      int length = (int) Math.min(until, random.nextInt(2 * bufferBytes));
      byte[] bytes = file.read(until - length, length);
      for (int i = 0; i < length; i++) {
        long position = until - length + i;
        if (bytes[i] != byteAt(position)) {
          throw new AssertionError("other byte than appended: position=" + position);
        }
      }
      reads++;
    } while (!done.get());
    return reads;
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 1 << 16})
  void map_ofBytesThatTheDiskHasChanged_failsAndSaysWhere(int bufferBytes) throws IOException {
    for (long seed : Seeds.seeds(20).toArray()) {
      Random random = new Random(seed);
      EphemeralFile file = EphemeralFile.create(directory, 1, bufferBytes, TestWrites.RESOURCES);
      while (file.length() < 3L * bufferBytes) {
        byte[] value = new byte[1 + random.nextInt(random.nextInt(9) == 0 ? 2 * bufferBytes : 100)];
        random.nextBytes(value);
        file.append(value, 0, value.length);
      }
      try (MappedValues values = file.map()) { // writes the rest
        values.awaitChecked();
      }
      // Before what is still in the buffer, full or not: the next map() writes that again.
      long position = random.nextLong((file.length() - 1) / bufferBytes * bufferBytes);
      flipBit(path(1), position, random.nextInt(8));
      long inChunk = position % (bufferBytes / 2);
      long block = position - inChunk % 4096;
      try (MappedValues values = file.map()) {
        assertThatThrownBy(values::awaitChecked)
            .as("seed=%d, position=%d", seed, position)
            .isInstanceOf(DamagedValuesException.class)
            .hasMessageContaining("file=" + path(1) + ", position=" + block + ", checksum");
      }
      file.release();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 10_000, 1 << 16, 1 << 18})
  void read_ofBytesThatTheDiskHasChanged_fails_andOfOthersDoesNot(int bufferBytes)
      throws IOException {
    for (long seed : Seeds.seeds(20).toArray()) {
      Random random = new Random(seed);
      EphemeralFile file = EphemeralFile.create(directory, 1, bufferBytes, TestWrites.RESOURCES);
      byte[] all = new byte[5 * bufferBytes];
      random.nextBytes(all);
      while (file.length() < all.length) {
        int length = 1 + random.nextInt(random.nextInt(9) == 0 ? 2 * bufferBytes : 100);
        int at = (int) file.length();
        file.append(all, at, Math.min(length, all.length - at));
      }
      // All but the last two chunks are in the file alone.
      int damaged = random.nextInt(all.length - 2 * bufferBytes);
      int bit = random.nextInt(8);
      flipBit(path(1), damaged, bit);
      for (int i = 0; i < 200; i++) {
        int length = 1 + random.nextInt(random.nextInt(9) == 0 ? 3 * bufferBytes : 300);
        int near = damaged + random.nextInt(10_000) - 5_000;
        int from = Math.max(0, Math.min(all.length - length, near));
        try {
          byte[] read = file.read(from, length);
          assertThat(read)
              .as("seed=%d", seed)
              .isEqualTo(Arrays.copyOfRange(all, from, from + length));
          assertThat(damaged < from || damaged >= from + length).as("seed=%d", seed).isTrue();
        } catch (DamagedValuesException e) {
          assertThat(Math.max(from - damaged, damaged - from - length))
              .as("seed=%d, damaged=%d, from=%d, length=%d", seed, damaged, from, length)
              .isLessThan(4096);
          assertThat(e).hasMessageContaining("file=" + path(1));
        }
      }
      flipBit(path(1), damaged, bit);
      assertThat(file.read(0, all.length)).isEqualTo(all);
      file.release();
    }
  }

  @Test
  void read_ofAFileThatWasCutOff_isDamage_andSoIsMappingIt() throws IOException {
    EphemeralFile file = EphemeralFile.create(directory, 1, 1 << 14, TestWrites.RESOURCES);
    byte[] bytes = new byte[100_000];
    new Random(3).nextBytes(bytes);
    file.append(bytes, 0, bytes.length);
    try (RandomAccessFile other = new RandomAccessFile(path(1).toFile(), "rw")) {
      other.setLength(10_000);
    }
    assertThat(file.read(0, 4_000)).hasSize(4_000);
    assertThatThrownBy(() -> file.read(9_000, 4_000))
        .isInstanceOf(DamagedValuesException.class)
        .hasMessageContaining("cannot be read back");
    try (MappedValues values = file.map()) {
      assertThatThrownBy(values::awaitChecked).isInstanceOf(DamagedValuesException.class);
    }
    file.release();
  }

  private static void flipBit(Path path, long position, int bit) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(position);
      int before = file.read();
      file.seek(position);
      file.write(before ^ 1 << bit);
    }
  }

  @Test
  void release_ofTheLastUser_deletesTheFile() throws IOException {
    EphemeralFile file = EphemeralFile.create(directory, 1, 8, TestWrites.RESOURCES);
    file.append(new byte[20], 0, 20);
    assertThat(file.tryAcquire()).isTrue();

    file.release();
    assertThat(path(1)).exists();
    assertThat(file.read(0, 20)).hasSize(20);
    file.release();
    assertThat(path(1)).doesNotExist();
    assertThat(file.tryAcquire()).isFalse();
  }

  @Test
  void deleteStale_leavesOtherFiles() throws IOException {
    Files.write(path(1), new byte[3]);
    Files.write(directory.resolve("marker"), new byte[3]);

    EphemeralFile.deleteStale(directory);
    EphemeralFile.deleteStale(directory.resolve("not-there"));

    assertThat(path(1)).doesNotExist();
    assertThat(directory.resolve("marker")).exists();
  }

  @Test
  void create_neverTakesAnotherFile() throws IOException {
    Files.write(path(1), new byte[3]);
    assertThatThrownBy(() -> EphemeralFile.create(directory, 1, 8, TestWrites.RESOURCES))
        .isInstanceOf(EphemeralFileException.class)
        .hasCauseInstanceOf(FileAlreadyExistsException.class);
  }

  private EphemeralFile onFullDisk(int bufferBytes) throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.isWritable(full), "needs /dev/full");
    InterruptSafeChannel channel = InterruptSafeChannel.openForWrite(full);
    return new EphemeralFile(directory.resolve("none"), channel, bufferBytes, TestWrites.RESOURCES);
  }

  private static byte[] bytes(int from, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = byteAt(from + i);
    }
    return bytes;
  }

  @Test
  void append_onAFullDisk_leavesWhatIsThereAndCanBeRepeated() throws IOException {
    EphemeralFile file = onFullDisk(16);
    assertThat(file.append(bytes(0, 6), 0, 6)).isZero();
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> file.append(new byte[6], 0, 6)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> file.append(new byte[60], 0, 60)).isInstanceOf(IOException.class);
      assertThat(file.length()).isEqualTo(6);
    }
    assertThat(file.read(0, 6)).isEqualTo(bytes(0, 6));
    assertThat(file.append(bytes(6, 2), 0, 2)).isEqualTo(6);
    assertThat(file.read(0, 8)).isEqualTo(bytes(0, 8));
    file.release();
  }

  @Test
  void append_afterAWriteInTheBackgroundHasFailed_failsAndCanBeRepeated() throws IOException {
    int part = 20_000;
    EphemeralFile file = onFullDisk(6 * part);
    assertThat(file.append(bytes(0, 2 * part), 0, 2 * part)).isZero();
    assertThat(file.append(bytes(2 * part, 2 * part), 0, 2 * part)).isEqualTo(2 * part);
    for (int i = 0; i < 3; i++) {
      byte[] more = new byte[5 * part];
      assertThatThrownBy(() -> file.append(more, 0, 3 * part)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> file.append(more, 0, 5 * part)).isInstanceOf(IOException.class);
      assertThatThrownBy(file::map).isInstanceOf(IOException.class);
      assertThat(file.length()).isEqualTo(4 * part);
    }
    assertThat(file.append(bytes(4 * part, part), 0, part)).isEqualTo(4 * part);
    assertThat(file.read(0, 5 * part)).isEqualTo(bytes(0, 5 * part));
    assertThat(file.read(part, 3 * part)).isEqualTo(bytes(part, 3 * part));
    file.release();
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 1 << 15, 1 << 16, 1 << 20})
  void append_onADiskThatFailsAtRandom_isDoneWhenItSucceeds(int bufferBytes) throws IOException {
    for (long seed : Seeds.seeds(3).toArray()) {
      Random random = new Random(seed);
      FaultFileSystem disk = new Disk(DiskImage.EMPTY).start();
      EphemeralFile file =
          EphemeralFile.create(disk.getPath("/values"), 1, bufferBytes, TestWrites.RESOURCES);
      disk.plan(
          step ->
              step.kind() == Kind.WRITE && random(seed, step.number()).nextInt(3) == 0
                  ? Fault.noSpace(Fault.Effect.values()[step.number() % 3])
                  : null);
      byte[] value = new byte[3 * bufferBytes];
      int failures = 0;
      while (file.length() < 20L * bufferBytes) {
        long position = file.length();
        int length = random.nextInt(random.nextInt(8) == 0 ? value.length : bufferBytes / 8);
        for (int i = 0; i < length; i++) {
          value[i] = byteAt(position + i);
        }
        boolean appended = false;
        while (!appended) {
          try {
            assertThat(file.append(value, 0, length)).isEqualTo(position);
            appended = true;
          } catch (EphemeralFileException e) {
            failures++;
            assertThat(file.length()).isEqualTo(position);
          }
        }
        int back = (int) Math.min(file.length(), random.nextInt(3 * bufferBytes));
        int from = (int) (file.length() - back);
        int count = Math.min(back, 1000);
        assertThat(file.read(from, count)).as(Seeds.replay(seed)).isEqualTo(bytes(from, count));
      }
      assertThat(failures).as(Seeds.replay(seed)).isPositive();
      int length = (int) file.length();
      assertThat(file.read(0, length)).as(Seeds.replay(seed)).isEqualTo(bytes(0, length));
      disk.plan(step -> null);
      byte[] mapped = new byte[length];
      try (MappedValues values = file.map()) {
        values.copy(0, mapped, 0, length);
      }
      assertThat(mapped).as(Seeds.replay(seed)).isEqualTo(bytes(0, length));
      file.release();
      assertThat(disk.openFiles()).isEmpty();
    }
  }

  /** A step fails or not whichever thread gets there first. */
  private static Random random(long seed, int step) {
    return new Random(seed * 31 + step);
  }
}
