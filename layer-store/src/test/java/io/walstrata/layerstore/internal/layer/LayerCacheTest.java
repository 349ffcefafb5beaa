package io.walstrata.layerstore.internal.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.home.LayerFileInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LayerCacheTest {
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger mostOpen = new AtomicInteger();
  private final AtomicInteger opened = new AtomicInteger();
  private final ConcurrentLinkedQueue<String> problems = new ConcurrentLinkedQueue<>();

  /** A file of which every byte is its number. */
  private class NumberedFile implements LayerFileInput {
    private final int number;
    private volatile boolean isClosed;

    NumberedFile(int number) {
      this.number = number;
      opened.incrementAndGet();
      mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
    }

    @Override
    public String name() {
      return "file " + number;
    }

    @Override
    public long length() {
      return 1000 + number;
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
      while (target.hasRemaining()) {
        target.put((byte) number);
      }
      if (isClosed) {
        problems.add("closed while it was read: " + name());
      }
    }

    @Override
    public void close() {
      if (isClosed) {
        problems.add("closed twice: " + name());
      }
      isClosed = true;
      open.decrementAndGet();
    }
  }

  private static int firstByte(LayerFileInput file) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(3);
    file.read(7, target);
    return target.get(0);
  }

  private static LayerCache cache(int maxOpenFiles) {
    return new LayerCache(0, maxOpenFiles, bytes -> {});
  }

  private List<LayerFileInput> open(LayerCache files, int count) throws IOException {
    List<LayerFileInput> inputs = new ArrayList<>();
    for (int number = 0; number < count; number++) {
      int fixed = number;
      inputs.add(files.open(() -> new NumberedFile(fixed)));
    }
    return inputs;
  }

  @Test
  void files_moreThanMayBeOpen_areReadAllTheSame() throws IOException {
    List<LayerFileInput> inputs = open(cache(3), 10);
    assertThat(open.get()).isEqualTo(3);
    for (int round = 0; round < 3; round++) {
      for (int number = 0; number < 10; number++) {
        assertThat(firstByte(inputs.get(number))).isEqualTo(number);
        assertThat(inputs.get(number).length()).isEqualTo(1000 + number);
        assertThat(inputs.get(number).name()).isEqualTo("file " + number);
        assertThat(open.get()).isEqualTo(3);
      }
    }
    assertThat(problems).isEmpty();
  }

  @Test
  void file_thatIsReadAgainAndAgain_staysOpen() throws IOException {
    List<LayerFileInput> inputs = open(cache(3), 10);
    firstByte(inputs.get(0));
    opened.set(0);
    for (int number = 1; number < 10; number++) {
      firstByte(inputs.get(number));
      firstByte(inputs.get(0));
    }
    assertThat(opened.get()).isLessThanOrEqualTo(9);
  }

  @Test
  void close_closesTheFile_andEndsReading() throws IOException {
    List<LayerFileInput> inputs = open(cache(3), 5);
    for (LayerFileInput input : inputs) {
      input.close();
      input.close();
    }
    assertThat(open.get()).isZero();
    assertThat(problems).isEmpty();
    assertThatThrownBy(() -> firstByte(inputs.get(4)))
        .isInstanceOf(IOException.class)
        .hasMessage("layer file was closed: file=file 4");
  }

  @Test
  void read_ofAFileThatIsGone_saysSo() throws IOException {
    LayerCache files = cache(1);
    AtomicInteger times = new AtomicInteger();
    LayerFileInput input =
        files.open(
            () -> {
              if (times.getAndIncrement() > 0) {
                throw new NoSuchFileException("gone");
              }
              return new NumberedFile(1);
            });
    assertThat(firstByte(input)).isEqualTo(1);
    files.close(); // or another file takes its place
    assertThatThrownBy(() -> firstByte(input)).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void read_thatFindsAnOpenFileGone_saysWhatTheOpenerSays() throws IOException {
    AtomicInteger times = new AtomicInteger();
    LayerFileInput input =
        cache(1)
            .open(
                () -> {
                  if (times.getAndIncrement() > 0) {
                    throw new IOException("the opener's words");
                  }
                  return new NumberedFile(1) {
                    @Override
                    public void read(long position, ByteBuffer target) throws IOException {
                      throw new NoSuchFileException("opened again after an interrupt");
                    }
                  };
                });
    assertThatThrownBy(() -> firstByte(input)).hasMessage("the opener's words");
    input.close();
    assertThat(open.get()).isZero();
  }

  @Test
  void file_isClosed_whileOthersUseTheCache() throws IOException {
    LayerCache files = cache(1);
    AtomicInteger openedMeanwhile = new AtomicInteger();
    Thread other =
        new Thread(
            () -> {
              try {
                openedMeanwhile.set(open(files, 3).size());
              } catch (IOException | RuntimeException e) {
                problems.add(e.toString());
              }
            });
    files.open(
        () ->
            new NumberedFile(1) {
              @Override
              public void close() {
                super.close();
                other.start();
                join(other);
              }
            });
    files.open(() -> new NumberedFile(2)); // in place of the first
    assertThat(openedMeanwhile.get()).isEqualTo(3);
    assertThat(problems).isEmpty();
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException("the other thread waits for the cache", e);
    }
  }

  @Test
  void maxOpen_belowOne_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> cache(0));
  }

  @Test
  void readers_atTheSameTime_readRightAndKeepTheBound() throws Exception {
    int threads = 4;
    int maxOpen = 3;
    List<LayerFileInput> inputs = open(cache(maxOpen), 12);
    List<Thread> readers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      Random random = new Random(i);
      Thread reader =
          new Thread(
              () -> {
                try {
                  for (int n = 0; n < 20_000; n++) {
                    int number = random.nextInt(inputs.size());
                    if (firstByte(inputs.get(number)) != number) {
                      problems.add("wrong byte of file " + number);
                    }
                  }
                } catch (IOException | RuntimeException e) {
                  problems.add(e.toString());
                }
              });
      readers.add(reader);
      reader.start();
    }
    for (Thread reader : readers) {
      reader.join();
    }
    assertThat(problems).isEmpty();
    assertThat(open.get()).isEqualTo(maxOpen);
    assertThat(mostOpen.get()).isLessThanOrEqualTo(maxOpen + 2 * threads);
  }
}
