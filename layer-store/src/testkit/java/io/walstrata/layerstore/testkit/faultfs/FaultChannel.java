package io.walstrata.layerstore.testkit.faultfs;

import io.walstrata.layerstore.testkit.faultfs.Step.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** An open file, or an open directory, which can only be forced. */
final class FaultChannel extends FileChannel {
  private final FaultFileSystem fileSystem;
  private final Path path;
  private final DiskNode node;
  private final boolean writable;
  private final boolean readable;
  private long position; // guarded by the disk, as all else

  FaultChannel(
      FaultFileSystem fileSystem, Path path, DiskNode node, boolean writable, boolean readable) {
    this.fileSystem = fileSystem;
    this.path = path;
    this.node = node;
    this.writable = writable;
    this.readable = readable;
    fileSystem.opened(this, path);
  }

  private Disk disk() {
    return fileSystem.disk();
  }

  private DiskFile file() throws IOException {
    checkOpen();
    if (node instanceof DiskFile file) {
      return file;
    }
    throw new IOException("Is a directory");
  }

  /** As the JDK's: a thread that is interrupted here closes the channel for everybody. */
  private void checkOpen() throws IOException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
    if (Thread.currentThread().isInterrupted()) {
      close();
      throw new ClosedByInterruptException();
    }
  }

  @Override
  public void force(boolean metaData) throws IOException {
    synchronized (disk()) {
      checkOpen();
      if (node instanceof DiskDirectory directory) {
        fileSystem.step(Kind.SYNC_DIRECTORY, path, () -> disk().sync(directory));
        return;
      }
      Fault fault = fileSystem.begin(Kind.FORCE, path);
      file().force(fault == null || fault.effect() == Fault.Effect.ALL);
      fileSystem.end(fault);
    }
  }

  @Override
  public int write(ByteBuffer source, long at) throws IOException {
    synchronized (disk()) {
      if (!writable) {
        throw new NonWritableChannelException();
      }
      DiskFile file = file();
      Fault fault = fileSystem.begin(Kind.WRITE, path);
      int length = source.remaining();
      byte[] bytes = new byte[fault == null ? fileSystem.piece(length) : part(fault, length)];
      source.get(source.position(), bytes);
      if (bytes.length > 0) {
        file.write(at, bytes);
      }
      fileSystem.end(fault);
      source.position(source.position() + bytes.length);
      return bytes.length;
    }
  }

  private static int part(Fault fault, int length) {
    return switch (fault.effect()) {
      case NOTHING -> 0;
      case HALF -> length / 2;
      case ALL -> length;
    };
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    synchronized (disk()) {
      int written = write(source, position);
      position += written;
      return written;
    }
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    synchronized (disk()) {
      DiskFile file = file();
      fileSystem.step(Kind.TRUNCATE, path, () -> file.truncate(size));
      position = Math.min(position, size);
      return this;
    }
  }

  @Override
  public int read(ByteBuffer target, long at) throws IOException {
    synchronized (disk()) {
      if (!readable) {
        throw new NonReadableChannelException();
      }
      DiskFile file = file();
      int[] count = new int[1];
      fileSystem.step(
          Kind.READ,
          path,
          () -> count[0] = file.read(at, target, fileSystem.piece(target.remaining())));
      return count[0];
    }
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    synchronized (disk()) {
      int count = read(target, position);
      position += Math.max(0, count);
      return count;
    }
  }

  /** Maps a copy: what is written to the file later is not seen. */
  @Override
  public MappedByteBuffer map(MapMode mode, long at, long size) throws IOException {
    if (mode != MapMode.READ_ONLY) {
      throw new UnsupportedOperationException("mode=" + mode);
    }
    byte[] bytes = new byte[Math.toIntExact(size)];
    synchronized (disk()) {
      DiskFile file = file();
      fileSystem.step(Kind.READ, path, () -> file.read(at, ByteBuffer.wrap(bytes), bytes.length));
    }
    MappedByteBuffer mapped = Memory.map(bytes.length);
    mapped.put(0, bytes);
    return mapped;
  }

  /** Mapped memory of its own for each caller: private pages of one real file that is empty. */
  private static final class Memory {
    private static final FileChannel EMPTY = create();

    private static FileChannel create() {
      try {
        return FileChannel.open(
            Files.createTempFile("faultfs", null),
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    static synchronized MappedByteBuffer map(int size) throws IOException {
      return EMPTY.map(MapMode.PRIVATE, 0, size);
    }
  }

  @Override
  public long size() throws IOException {
    synchronized (disk()) {
      DiskFile file = file();
      long[] size = new long[1];
      fileSystem.step(Kind.STAT, path, () -> size[0] = file.size());
      return size[0];
    }
  }

  @Override
  public long position() {
    synchronized (disk()) {
      return position;
    }
  }

  @Override
  public FileChannel position(long newPosition) {
    synchronized (disk()) {
      position = newPosition;
      return this;
    }
  }

  /** Locks between the processes of a disk. */
  @Override
  public @Nullable FileLock tryLock(long at, long size, boolean shared) throws IOException {
    if (at != 0 || size != Long.MAX_VALUE || shared) {
      throw new UnsupportedOperationException("locks of a part, or shared ones");
    }
    synchronized (disk()) {
      DiskFile file = file();
      fileSystem.step(Kind.LOCK, path, () -> {});
      FaultChannel holder = disk().locker(file);
      if (holder != null && holder.fileSystem == fileSystem) {
        throw new OverlappingFileLockException();
      }
      if (holder != null) {
        return null;
      }
      disk().lock(file, this);
      return new Lock(this, file);
    }
  }

  private static final class Lock extends FileLock {
    private final DiskFile file;

    Lock(FaultChannel channel, DiskFile file) {
      super(channel, 0, Long.MAX_VALUE, false);
      this.file = file;
    }

    private FaultChannel holder() {
      return (FaultChannel) acquiredBy();
    }

    @Override
    public boolean isValid() {
      synchronized (holder().disk()) {
        return holder().disk().locker(file) == holder();
      }
    }

    @Override
    public void release() {
      synchronized (holder().disk()) {
        if (isValid()) {
          holder().disk().unlock(file);
        }
      }
    }
  }

  @Override
  protected void implCloseChannel() throws IOException {
    synchronized (disk()) {
      // Closed it is in any case, also when that is reported as failed.
      fileSystem.closed(this);
      if (node instanceof DiskFile file) {
        FaultChannel holder = disk().locker(file);
        // As POSIX has it: with any channel of a file, the process's lock on it goes.
        if (holder != null && holder.fileSystem == fileSystem) {
          disk().unlock(file);
        }
      }
      if (!fileSystem.isStopped()) {
        fileSystem.step(Kind.CLOSE, path, () -> {});
      }
    }
  }

  @Override
  public long write(ByteBuffer[] sources, int offset, int length) {
    throw new UnsupportedOperationException("gathering writes");
  }

  @Override
  public long read(ByteBuffer[] targets, int offset, int length) {
    throw new UnsupportedOperationException("scattering reads");
  }

  @Override
  public long transferTo(long at, long count, WritableByteChannel target) {
    throw new UnsupportedOperationException("transferTo");
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long at, long count) {
    throw new UnsupportedOperationException("transferFrom");
  }

  @Override
  public FileLock lock(long at, long size, boolean shared) {
    throw new UnsupportedOperationException("waiting for locks");
  }
}
