package io.walstrata.layerstore.internal.memory;

import io.walstrata.layerstore.internal.file.BackgroundWrites;
import io.walstrata.layerstore.internal.file.InterruptSafeChannel;
import io.walstrata.layerstore.internal.file.LocalFiles;
import io.walstrata.layerstore.internal.file.RefCount;
import io.walstrata.layerstore.internal.file.WriteResources;
import java.io.EOFException;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the values of open and frozen layers in an append-only file. It is never synced, and is
 * deleted when its owner and the last reader have released it.
 *
 * <p>Threads: one appends, any number reads. A position must be passed to readers in a way that
 * makes the append happen before the read. Readers never wait for the writer, nor the writer for
 * them; the last one to release the file waits until nothing is being written.
 */
public final class EphemeralFile {
  /*
   * The file is written in chunks of one length. There are two buffers: while one is filled, what
   * is in the other is written, by another thread unless it is little, and a buffer is used again
   * when its chunk is in the file. A write that fails is repeated by the thread that appends, when
   * it needs the buffer: if it fails again the append throws, and nothing is lost.
   *
   * Readers may be copying from a buffer that is used again; they find out afterwards: the start of
   * the chunk being filled is raised before the buffer's first byte is overwritten, so a copy
   * counts if by then the chunk is still that one or the one before it. Otherwise the bytes are in
   * the file. (A sequence lock whose sequence never needs a second try: H.-J. Boehm, "Can seqlocks
   * get along with programming language memory models?", MSPC 2012.)
   *
   * The file is never synced, so no call fails if the disk does while the kernel writes it back, or
   * if pages that are read again have other bytes. So checksums of blocks of 4 KiB are kept in
   * memory. What is read from the file is compared with them, whole blocks for a single value too;
   * and all of the file is compared before layer files that were written from it become durable.
   *
   * The sums of what a reader reads from the file are there: a chunk is read from the file when
   * `start` is after the next one, and before that the writer has waited until the chunk and its
   * sums were written.
   *
   * There may be ten thousand of these, most with next to nothing in them: the first buffer starts
   * small and is copied to a larger one until it has its full length. A reader that holds the old
   * one finds in it all up to the end that it has read, since nothing is written to it any more.
   * The full-length buffers are outside the heap, if they can be allocated there: the kernel copies
   * from there, while the JDK would have to copy from the heap first.
   */
  private static final int FIRST_BUFFER = 4096;
  private static final int MIN_ASYNC = 1 << 14; // less is written faster than passed to a thread
  private static final int GROWTH = 4;

  private static final String PREFIX = "ephemeral-";
  private static final String SUFFIX = ".values";
  private static final Logger LOG = LoggerFactory.getLogger(EphemeralFile.class);

  private final Path path;
  private final InterruptSafeChannel channel;
  private final RefCount users = new RefCount();
  private final int chunkBytes;
  private final WriteResources writes;
  private final ChunkSums sums; // of written chunks; put by the writer, or by its last write
  private final AtomicReferenceArray<ByteBuffer> buffers = new AtomicReferenceArray<>(2);
  private final AtomicLong start = new AtomicLong(); // of the chunk that is being filled
  private final AtomicLong end = new AtomicLong(); // of the appended bytes

  // The writer's own:
  private ByteBuffer buffer; // of the chunk that is being filled; its position is not used
  private int filled; // bytes of the buffer
  private @Nullable CompletableFuture<Void> writing; // of the chunk before
  private @Nullable ByteBuffer both; // of full length, of which the buffers are parts

  EphemeralFile(Path path, InterruptSafeChannel channel, int bufferBytes, WriteResources writes) {
    this.path = path;
    this.channel = channel;
    this.writes = writes;
    chunkBytes = Math.max(1, bufferBytes / 2);
    sums = new ChunkSums(chunkBytes);
    buffer = ByteBuffer.allocate(Math.min(FIRST_BUFFER, chunkBytes));
    buffers.set(0, buffer);
  }

  /**
   * Creates a file, and its directory if there is none.
   *
   * @param number distinguishes the file from others in the directory
   * @param bufferBytes bytes of both buffers together; half of them are filled before they are
   *     written
   * @param writes has buffers and threads for the file
   * @throws EphemeralFileException if it cannot be created; the call can be retried
   */
  public static EphemeralFile create(
      Path directory, long number, int bufferBytes, WriteResources writes) throws IOException {
    Path path = directory.resolve(PREFIX + HexFormat.of().toHexDigits(number) + SUFFIX);
    try {
      return LocalFiles.getWithFileName(
          path,
          () -> {
            Files.createDirectories(directory);
            return new EphemeralFile(path, InterruptSafeChannel.create(path), bufferBytes, writes);
          });
    } catch (IOException e) {
      throw new EphemeralFileException(e);
    }
  }

  /** Deletes what earlier processes left in a directory. The caller is its only user. */
  public static void deleteStale(Path directory) throws IOException {
    for (Path file : LocalFiles.list(directory)) {
      String name = String.valueOf(file.getFileName());
      if (name.startsWith(PREFIX) && name.endsWith(SUFFIX)) {
        LocalFiles.getWithFileName(file, () -> Files.deleteIfExists(file));
      }
    }
  }

  /**
   * Appends bytes and returns their position.
   *
   * @throws EphemeralFileException if the file cannot be written; nothing is appended, and the call
   *     can be retried
   */
  public long append(byte[] bytes, int offset, int length) throws EphemeralFileException {
    if (length > buffer.capacity() - filled) {
      makeRoom(length);
    }
    long position = length();
    int room = buffer.capacity() - filled;
    if (length <= room) {
      buffer.put(filled, bytes, offset, length);
      filled += length;
    } else if (length - room <= chunkBytes) {
      appendAcross(bytes, offset, length, room);
    } else {
      appendLong(bytes, offset, length, room);
    }
    end.setRelease(position + length);
    return position;
  }

  private void makeRoom(int length) throws EphemeralFileException {
    long wanted = (long) filled + length;
    if (buffer.capacity() < chunkBytes) {
      long longer = Math.max(wanted, (long) buffer.capacity() * GROWTH);
      grow((int) Math.min(chunkBytes, longer));
    }
    if (wanted > chunkBytes) {
      awaitWritten(); // before anything is appended
    }
  }

  private void grow(int length) {
    ByteBuffer longer;
    if (length < chunkBytes) {
      longer = ByteBuffer.allocate(length);
    } else {
      ByteBuffer taken = writes.valueBuffers().take(2 * chunkBytes);
      both = taken;
      longer = taken.slice(0, chunkBytes);
    }
    longer.put(0, buffer, 0, filled);
    buffer = longer;
    buffers.setRelease(0, longer);
  }

  /** Appends bytes that fill the chunk, and the others to the next one. */
  private void appendAcross(byte[] bytes, int offset, int length, int room)
      throws EphemeralFileException {
    buffer.put(filled, bytes, offset, room);
    nextChunk();
    filled = length - room;
    buffer.put(0, bytes, offset + room, filled);
  }

  private void nextChunk() throws EphemeralFileException {
    ByteBuffer source = buffer;
    ByteBuffer next = otherBuffer();
    long full = start.getPlain();
    if (chunkBytes < MIN_ASYNC) {
      write(full, source.duplicate().clear());
    } else {
      sums.makeRoom(full + chunkBytes);
      writing = writes.background().start(() -> writeChunks(full, source.duplicate().clear()));
    }
    moveTo(full + chunkBytes);
    buffer = next;
  }

  /**
   * Appends bytes that fill at least one more chunk. Full chunks are written to the file before
   * anything is changed, so a failure has no effect; the buffer gets a copy of the last full chunk,
   * because readers look for it there.
   */
  private void appendLong(byte[] bytes, int offset, int length, int room)
      throws EphemeralFileException {
    ByteBuffer other = otherBuffer();
    int whole = (length - room - 1) / chunkBytes;
    int last = offset + room + (whole - 1) * chunkBytes;
    long full = start.getPlain();
    buffer.put(filled, bytes, offset, room);
    write(full, buffer.duplicate().clear());
    write(full + chunkBytes, ByteBuffer.wrap(bytes, offset + room, whole * chunkBytes));
    moveTo(full + (whole + 1L) * chunkBytes);
    ByteBuffer before = whole % 2 == 0 ? buffer : other;
    before.put(0, bytes, last, chunkBytes);
    buffer = whole % 2 == 0 ? other : buffer;
    filled = length - room - whole * chunkBytes;
    buffer.put(0, bytes, last + chunkBytes, filled);
  }

  /** Begins a chunk; bytes put into the buffers afterwards are not visible before this. */
  private void moveTo(long position) {
    start.setRelease(position);
    VarHandle.storeStoreFence();
  }

  /** Returns the buffer that is not being filled. */
  private ByteBuffer otherBuffer() {
    int number = (int) (start.getPlain() / chunkBytes + 1) & 1;
    ByteBuffer other = buffers.getPlain(number);
    if (other == null) {
      other = both == null ? ByteBuffer.allocate(chunkBytes) : both.slice(chunkBytes, chunkBytes);
      buffers.setRelease(number, other);
    }
    return other;
  }

  /** Waits until the chunk before the one that is being filled is in the file. */
  private void awaitWritten() throws EphemeralFileException {
    if (writing == null) {
      return;
    }
    if (!BackgroundWrites.succeeded(writing)) {
      long before = start.getPlain() - chunkBytes;
      ByteBuffer source = Objects.requireNonNull(buffers.getPlain((int) (before / chunkBytes) & 1));
      write(before, source.duplicate().clear());
    }
    writing = null;
  }

  private void write(long position, ByteBuffer bytes) throws EphemeralFileException {
    sums.makeRoom(position + bytes.remaining());
    try {
      writeChunks(position, bytes);
    } catch (IOException e) {
      throw new EphemeralFileException(e);
    }
  }

  /**
   * Writes chunks and puts their sums, for which there must be room; the last chunk need not be
   * full.
   */
  private void writeChunks(long position, ByteBuffer bytes) throws IOException {
    sums.put(position, bytes);
    channel.write(position, bytes);
  }

  /** Returns how many bytes were appended. For the writer. */
  public long length() {
    return start.getPlain() + filled;
  }

  /** Returns the memory that the file takes, in bytes. For the writer. */
  public long heapBytes() {
    boolean isShort = both == null && buffers.getPlain(1) == null;
    return sums.heapBytes() + (isShort ? buffer.capacity() : 2L * chunkBytes);
  }

  /**
   * Returns a copy of bytes that were appended. The caller has acquired the file.
   *
   * @throws DamagedValuesException if the file has other bytes than were written to it
   */
  public byte[] read(long position, int length) throws IOException {
    byte[] bytes = new byte[length];
    long filling = start.getAcquire();
    if (position + length > filling) {
      copy(filling, position, bytes);
    }
    if (position < filling && position + length > filling - chunkBytes) {
      copy(filling - chunkBytes, position, bytes);
    }
    VarHandle.loadLoadFence();
    long firstBuffered = start.getAcquire() - chunkBytes;
    int inFile = (int) Math.max(0, Math.min(length, firstBuffered - position));
    if (inFile > 0) {
      readChecked(position, bytes, inFile);
    }
    return bytes;
  }

  /** Fills the start of {@code target} from the file, whose blocks there are whole and final. */
  private void readChecked(long position, byte[] target, int length) throws IOException {
    long end = position + length;
    long blocksEnd = sums.blockEnd(end - 1);
    long at = sums.blockStart(position);
    byte[] piece = new byte[(int) Math.min(ChunkSums.PIECE_BYTES, blocksEnd - at)];
    while (at < end) {
      long next = sums.pieceEnd(at, blocksEnd);
      ByteBuffer blocks = ByteBuffer.wrap(piece, 0, (int) (next - at));
      try {
        channel.read(at, blocks.duplicate());
      } catch (EOFException e) {
        throw new DamagedValuesException(path, at, "cannot be read back: " + e, e);
      }
      sums.check(at, blocks, path);
      int from = (int) Math.max(0, position - at);
      int to = (int) (Math.min(end, next) - at);
      System.arraycopy(piece, from, target, (int) (at + from - position), to - from);
      at = next;
    }
  }

  /** Copies the bytes at a position from the buffer of a chunk. */
  private void copy(long chunk, long position, byte[] bytes) {
    int from = (int) Math.max(0, position - chunk);
    int to = (int) Math.min(chunkBytes, position + bytes.length - chunk);
    ByteBuffer source = Objects.requireNonNull(buffers.getAcquire((int) (chunk / chunkBytes) & 1));
    source.get(from, bytes, (int) (chunk + from - position), to - from);
  }

  /**
   * Returns a copy of bytes that were appended, and of those that were appended after them, up to
   * {@code maxLength} in all. The caller has acquired the file.
   */
  public byte[] readAhead(long position, int length, int maxLength) throws IOException {
    long appended = end.getAcquire() - position;
    return read(position, (int) Math.max(length, Math.min(maxLength, appended)));
  }

  /**
   * Returns all appended values, for many reads by one thread. Called after the last append. The
   * caller has acquired the file for as long as it uses the values.
   *
   * @throws IOException if the end of the file cannot be written, or the file cannot be mapped; the
   *     call can be retried
   */
  public MappedValues map() throws IOException {
    awaitWritten();
    write(start.getPlain(), buffer.duplicate().position(0).limit(filled));
    return MappedValues.of(
        channel,
        length(),
        (values, length) -> sums.check(values, length, path),
        writes.background());
  }

  /**
   * Keeps the file from being deleted until {@link #release}; returns false if it is deleted
   * already.
   */
  public boolean tryAcquire() {
    return users.tryAcquire();
  }

  /** Releases the file, once for each {@link #tryAcquire}, and once for its creation. */
  public void release() {
    if (users.release()) {
      if (writing != null) {
        BackgroundWrites.succeeded(writing); // the outcome is ignored: no reader needs the values
      }
      if (both != null) {
        writes.valueBuffers().giveBack(both);
      }
      try {
        channel.close();
        Files.deleteIfExists(path);
      } catch (IOException e) {
        LOG.warn("ephemeral file not deleted, the next owner will: file={}", path, e);
      }
    }
  }
}
