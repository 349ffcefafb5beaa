package io.walstrata.layerstore.internal.memory;

import io.walstrata.layerstore.internal.file.BackgroundWrites;
import io.walstrata.layerstore.internal.file.InterruptSafeChannel;
import io.walstrata.layerstore.internal.format.ValueSource;
import io.walstrata.layerstore.page.Value;
import java.io.Closeable;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Maps a complete ephemeral file for reading. For one thread. */
public final class MappedValues implements ValueSource, Closeable {
  /*
   * Writing a layer to a file reads its values in the order of their keys, in which they are not in
   * the ephemeral file. From a mapping a value of 100 bytes costs a copy; a read call costs several
   * times that.
   *
   * A mapping is at most 2 GiB long, so there are several, each extending beyond the next one's
   * start by a value's greatest length: every value is wholly in one of them.
   *
   * A mapping keeps the deleted file's disk space until the garbage collector finds it, or until it
   * is unmapped, for which Java 17 has no supported call. Nothing may read from it after that: so
   * it is for one thread, and is not accessible outside this class.
   */
  private static final long STEP = 1L << 30;
  private static final Logger LOG = LoggerFactory.getLogger(MappedValues.class);
  private static final @Nullable MethodHandle UNMAP = findUnmap();

  /**
   * The longest value that is prefetched: of a longer one, the processor fetches the rest while the
   * first bytes are copied.
   */
  private static final int MAX_EXPECTED = 512;

  private MappedByteBuffer[] parts;

  @SuppressWarnings("UnusedVariable") // not used: keeps the compiler from removing reads
  private long expected;

  private @Nullable CompletableFuture<Void> check; // also reads from the parts

  private MappedValues(MappedByteBuffer[] parts) {
    this.parts = parts;
  }

  /** Checks values against their checksums. */
  interface Check {
    void run(MappedValues values, long length) throws IOException;
  }

  /** Maps a file and starts a check of it in the background. */
  static MappedValues of(
      InterruptSafeChannel channel, long length, Check check, BackgroundWrites background)
      throws IOException {
    MappedByteBuffer[] parts = new MappedByteBuffer[(int) ((length + STEP - 1) / STEP)];
    MappedValues values = new MappedValues(parts);
    boolean mapped = false;
    try {
      for (int i = 0; i < parts.length; i++) {
        long start = i * STEP;
        parts[i] = channel.map(start, Math.min(length - start, STEP + Value.MAX_BYTES));
      }
      mapped = true;
      values.check = background.start(() -> check.run(values, length));
      return values;
    } finally {
      if (!mapped) {
        values.close();
      }
    }
  }

  private static @Nullable MethodHandle findUnmap() {
    try {
      Class<?> unsafe = Class.forName("sun.misc.Unsafe");
      var field = unsafe.getDeclaredField("theUnsafe");
      field.setAccessible(true);
      return MethodHandles.lookup()
          .findVirtual(unsafe, "invokeCleaner", MethodType.methodType(void.class, ByteBuffer.class))
          .bindTo(field.get(null));
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.warn(
          "the disk space of flushed layers' values is freed by the garbage collector only", e);
      return null;
    }
  }

  @Override
  public void copy(long position, byte[] target, int offset, int length) {
    if (length > 0) {
      parts[(int) (position / STEP)].get((int) (position % STEP), target, offset, length);
    }
  }

  /**
   * Prefetches a short value. Called for several values before the first of them is copied, it lets
   * them be fetched from memory at the same time.
   */
  public void expect(long position, int length) {
    if (length > 0 && length <= MAX_EXPECTED) {
      MappedByteBuffer part = parts[(int) (position / STEP)];
      int start = (int) (position % STEP);
      expected += part.get(start) + part.get(start + length - 1);
    }
  }

  /**
   * Waits for the end of the check.
   *
   * @throws DamagedValuesException if the file has other bytes than were written to it, or cannot
   *     be read: what was copied may be wrong
   * @throws IOException if it could not be checked; that can be retried
   */
  public void awaitChecked() throws IOException {
    BackgroundWrites.await(Objects.requireNonNull(check));
  }

  /** Unmaps the file. */
  @Override
  public void close() {
    if (check != null) {
      BackgroundWrites.succeeded(check); // otherwise the check would read unmapped memory
    }
    MappedByteBuffer[] mapped = parts;
    parts = new MappedByteBuffer[0];
    MethodHandle unmap = UNMAP;
    if (unmap != null) {
      Arrays.stream(mapped).forEach(part -> unmap(unmap, part));
    }
  }

  @SuppressWarnings("NullAway") // a part is null if mapping it failed
  private static void unmap(MethodHandle unmap, @Nullable MappedByteBuffer part) {
    if (part != null) {
      try {
        unmap.invokeExact((ByteBuffer) part);
      } catch (Throwable e) {
        LOG.warn("mapping not released", e);
      }
    }
  }
}
