package io.walstrata.layerstore.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.TestWrites;
import io.walstrata.layerstore.testkit.Seeds;
import io.walstrata.layerstore.testkit.faultfs.Disk;
import io.walstrata.layerstore.testkit.faultfs.DiskImage;
import io.walstrata.layerstore.testkit.faultfs.FaultFileSystem;
import io.walstrata.layerstore.testkit.faultfs.Step;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ValueWindowTest {
  private static final int BUFFER = 4096;

  @TempDir Path directory;
  private EphemeralFile file;
  private final List<byte[]> values = new ArrayList<>();
  private final List<Long> positions = new ArrayList<>();

  @BeforeEach
  void create() throws IOException {
    file = EphemeralFile.create(directory, 0, BUFFER, TestWrites.RESOURCES);
  }

  @AfterEach
  void release() {
    file.release();
  }

  static LongStream seeds() {
    return Seeds.seeds(20);
  }

  private void append(byte[] value) throws IOException {
    positions.add(file.append(value, 0, value.length));
    values.add(value);
  }

  private void append(Random random) throws IOException {
    int max = random.nextInt(50) == 0 ? 3 * BUFFER : 200;
    byte[] value = new byte[random.nextInt(max)];
    random.nextBytes(value);
    append(value);
  }

  private byte[] read(ValueWindow window, int number) throws IOException {
    return window.read(positions.get(number), values.get(number).length);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void values_areThoseThatWereAppended_alsoWhileMoreAre(long seed) throws IOException {
    Random random = new Random(seed);
    for (int round = 0; round < 30; round++) {
      for (int more = 1 + random.nextInt(100); more > 0; more--) {
        append(random);
      }
      ValueWindow window = new ValueWindow(file, random.nextInt(3) * 2000);
      int number = random.nextInt(values.size());
      int step = 1;
      for (int reads = 0; reads < 300; reads++) {
        assertThat(read(window, number)).as(Seeds.replay(seed)).isEqualTo(values.get(number));
        step = random.nextInt(30) > 0 ? step : 1 - random.nextInt(4);
        boolean isWithin = step != 0 && number + step >= 0 && number + step < values.size();
        number = isWithin ? number + step : random.nextInt(values.size());
        if (random.nextInt(10) == 0) {
          append(random);
        }
      }
    }
  }

  private static long reads(FaultFileSystem files) {
    return files.steps().stream().filter(step -> step.kind() == Step.Kind.READ).count();
  }

  /** Returns how many reads of the file it takes to read 1000 values from the last to the first. */
  private static long readsBackwards(int length, int gap) throws IOException {
    FaultFileSystem files = new Disk(DiskImage.EMPTY).start();
    EphemeralFile file =
        EphemeralFile.create(files.getPath("/ephemeral"), 0, BUFFER, TestWrites.RESOURCES);
    long[] positions = new long[1000];
    for (int number = 0; number < positions.length; number++) {
      positions[number] =
          file.append(ByteBuffer.allocate(length).putInt(number).array(), 0, length);
      file.append(new byte[gap], 0, gap);
    }
    ValueWindow window = new ValueWindow(file, Integer.MAX_VALUE);
    for (int number = positions.length - 1; number >= 0; number--) {
      byte[] read = window.read(positions[number], length);
      assertThat(ByteBuffer.wrap(read).getInt()).isEqualTo(number);
    }
    file.release();
    return reads(files);
  }

  @Test
  void valuesThatLieCloseTogether_areReadTogether_backwardsToo() throws IOException {
    assertThat(readsBackwards(100, 0)).isLessThan(10);
    assertThat(readsBackwards(100, 1000)).isLessThan(40);
    assertThat(readsBackwards(100, 5000)).isBetween(900L, 1000L);
  }

  /** Bytes after the last value, when the window is read, belong to no value yet. */
  @Test
  void value_appendedAfterTheWindowWasRead_isRead() throws IOException {
    ValueWindow window = new ValueWindow(file, BUFFER);
    for (int number = 0; number < 2 * BUFFER / 50; number++) {
      byte[] value = new byte[50];
      Arrays.fill(value, (byte) (1 + number));
      append(value);
      assertThat(read(window, number)).isEqualTo(value);
    }
  }
}
