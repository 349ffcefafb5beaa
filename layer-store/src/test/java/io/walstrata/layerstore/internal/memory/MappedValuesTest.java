package io.walstrata.layerstore.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.TestWrites;
import io.walstrata.layerstore.internal.file.InterruptSafeChannel;
import io.walstrata.layerstore.page.Value;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mapping of more than 4 GiB, most of which is a hole and takes no disk. */
class MappedValuesTest {
  private static final long GIB = 1L << 30;
  private static final long LENGTH = 5 * GIB + 12345;
  private static final byte[] MARK = {1, 2, 3, 4, 5, 6, 7, 8};

  @TempDir Path directory;

  private Path file(long... marks) throws IOException {
    Path path = directory.resolve("values");
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(LENGTH);
      for (long mark : marks) {
        file.seek(mark);
        file.write(MARK);
      }
    }
    return path;
  }

  @Test
  void values_acrossEveryStepOfTheMapping() throws IOException {
    long[] marks = {
      0, GIB - 4, GIB + 100, 2 * GIB - 7, 3 * GIB, 4 * GIB - 1, 5 * GIB - 8, LENGTH - 8
    };
    try (InterruptSafeChannel channel = InterruptSafeChannel.openForRead(file(marks));
        MappedValues values =
            MappedValues.of(
                channel, LENGTH, (mapped, length) -> {}, TestWrites.RESOURCES.background())) {
      for (long mark : marks) {
        byte[] read = new byte[10];
        values.expect(mark, MARK.length);
        values.copy(mark, read, 1, MARK.length);
        assertThat(ByteBuffer.wrap(read, 1, MARK.length)).isEqualTo(ByteBuffer.wrap(MARK));
        assertThat(read[0] + read[9]).isZero();
      }
      values.copy(LENGTH, new byte[0], 0, 0);
    }
  }

  @Test
  void longestValue_fromTheLastByteBeforeAStep() throws IOException {
    long start = GIB - 1;
    long end = start + Value.MAX_BYTES;
    try (InterruptSafeChannel channel = InterruptSafeChannel.openForRead(file(start, end - 8));
        MappedValues values =
            MappedValues.of(
                channel, LENGTH, (mapped, length) -> {}, TestWrites.RESOURCES.background())) {
      byte[] read = new byte[Value.MAX_BYTES];
      values.copy(start, read, 0, read.length);
      assertThat(Arrays.copyOf(read, MARK.length)).isEqualTo(MARK);
      assertThat(Arrays.copyOfRange(read, read.length - MARK.length, read.length)).isEqualTo(MARK);
    }
  }
}
