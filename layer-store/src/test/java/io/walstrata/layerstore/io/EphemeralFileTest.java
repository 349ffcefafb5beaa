package io.walstrata.layerstore.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
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

class EphemeralFileTest {
  @TempDir Path directory;

  private Path path(int number) {
    return directory.resolve("ephemeral-000000000000000" + number + ".values");
  }

  @Test
  void read_givesWhatWasAppended_inTheBufferTheFileAndBeyondTheBuffer() throws IOException {
    EphemeralFile file = EphemeralFile.create(directory, 1, 64);
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
    EphemeralFile file = EphemeralFile.create(directory, 1, 8);
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
    EphemeralFile file = EphemeralFile.create(directory, 1, 100_000);
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
    assertThat(file.heapBytes()).isEqualTo(100_000);
    file.release();
  }

  /** A byte's value follows from its position, so that a reader knows what it must get. */
  private static byte byteAt(long position) {
    return (byte) (position * 0x9E3779B97F4A7C15L >>> 56);
  }

  @Test
  void read_whileTheBufferIsUsedAgain_givesWhatWasAppended() throws Exception {
    EphemeralFile file = EphemeralFile.create(directory, 1, 512);
    AtomicLong end = new AtomicLong();
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService readers = Executors.newFixedThreadPool(2);
    try {
      List<Future<Long>> reads = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        reads.add(readers.submit(() -> readTheEnd(file, end, done)));
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

  private static long readTheEnd(EphemeralFile file, AtomicLong end, AtomicBoolean done)
      throws IOException {
    Random random = new Random(6);
    long reads = 0;
    do {
      long until = end.get();
      int length = (int) Math.min(until, random.nextInt(700));
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

  @Test
  void release_ofTheLastUser_deletesTheFile() throws IOException {
    EphemeralFile file = EphemeralFile.create(directory, 1, 8);
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
    assertThatThrownBy(() -> EphemeralFile.create(directory, 1, 8))
        .isInstanceOf(EphemeralFileException.class)
        .hasCauseInstanceOf(FileAlreadyExistsException.class);
  }

  @Test
  void append_onAFullDisk_leavesWhatIsThereAndCanBeRepeated() throws IOException {
    Path full = Path.of("/dev/full");
    org.junit.jupiter.api.Assumptions.assumeTrue(Files.isWritable(full), "needs /dev/full");
    InterruptSafeChannel channel = InterruptSafeChannel.openForWrite(full);
    EphemeralFile file = new EphemeralFile(directory.resolve("none"), channel, 12);
    assertThat(file.append(new byte[] {1, 2, 3, 4, 5}, 0, 5)).isZero();
    assertThat(file.append(new byte[] {6, 7, 8, 9, 10}, 0, 5)).isEqualTo(5); // not needed so far
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> file.append(new byte[6], 0, 6)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> file.append(new byte[60], 0, 60)).isInstanceOf(IOException.class);
      assertThatThrownBy(file::map).isInstanceOf(IOException.class);
    }
    assertThat(file.append(new byte[] {11, 12}, 0, 2)).isEqualTo(10);
    byte[] all = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    assertThat(file.read(0, 12)).isEqualTo(all);
    assertThat(file.read(2, 7)).isEqualTo(Arrays.copyOfRange(all, 2, 9));
    file.release();
  }
}
