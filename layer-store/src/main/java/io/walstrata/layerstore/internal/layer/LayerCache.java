package io.walstrata.layerstore.internal.layer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.walstrata.layerstore.home.LayerFileInput;
import io.walstrata.layerstore.internal.IoSupplier;
import io.walstrata.layerstore.internal.file.RefCount;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Caches the indexes and filters of layer files that were read, up to a number of bytes, and the
 * open files, up to a number of files. For any thread.
 */
public final class LayerCache implements Closeable {
  /*
   * Memory and file descriptors are two resources with two bounds, so there are two caches: a
   * filter in memory answers most reads of a file that is closed. A read that finds its layer
   * cached takes no lock. Both caches do their maintenance in the thread that has added something,
   * and a removal is counted before that thread continues. Maintenance holds a lock of the cache,
   * and closing a file may wait for a disk: so removed files are collected, and released once the
   * lock is not held. A file that is being read is closed when its last reader has released it.
   */
  private static final Logger LOG = LoggerFactory.getLogger(LayerCache.class);

  /**
   * Files that may be open beyond the bound because they are being read: these, and an eighth of
   * the bound.
   */
  private static final int SPARE = 2;

  private static final int SPARE_SHARE = 8;

  private final long maxBytes;
  private final int maxOpenFiles;
  private final AtomicLong bytes = new AtomicLong(); // of contents
  private final LongConsumer counted;
  private final Cache<DeltaLayer, LayerContent> contents;
  private final Cache<CachedFile, OpenFile> files;
  private final Queue<OpenFile> removedFiles = new ConcurrentLinkedQueue<>(); // not released yet
  private final AtomicInteger open = new AtomicInteger(); // files, cached or still being read

  /**
   * @param maxBytes bytes of memory for indexes and filters together, 0 or more; those of one layer
   *     that are larger are read again each time
   * @param maxOpenFiles how many files stay open, at least 1; while they are read, an eighth and
   *     two more, and one for each thread that reads
   * @param counted receives by how many bytes the memory grows, negative if it shrinks
   */
  public LayerCache(long maxBytes, int maxOpenFiles, LongConsumer counted) {
    if (maxBytes < 0) {
      throw new IllegalArgumentException("maxBytes must be at least 0: maxBytes=" + maxBytes);
    }
    if (maxOpenFiles < 1) {
      throw new IllegalArgumentException(
          "at least one file must be open: maxOpenFiles=" + maxOpenFiles);
    }
    this.maxBytes = maxBytes;
    this.maxOpenFiles = maxOpenFiles;
    this.counted = counted;
    contents =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher((DeltaLayer layer, LayerContent content) -> content.heapBytes())
            .removalListener((layer, content, cause) -> removed(content))
            .executor(Runnable::run)
            .build();
    files =
        Caffeine.newBuilder()
            .maximumSize(maxOpenFiles)
            .removalListener(
                (@Nullable CachedFile file, @Nullable OpenFile removed, RemovalCause cause) -> {
                  if (removed != null) {
                    removedFiles.add(removed);
                  }
                })
            .executor(Runnable::run)
            .build();
  }

  private void removed(@Nullable LayerContent content) {
    if (content != null) {
      count(-content.heapBytes());
    }
  }

  private void count(long more) {
    bytes.addAndGet(more);
    counted.accept(more);
  }

  /** Returns the cached content of a layer; null if there is none. */
  @Nullable LayerContent content(DeltaLayer layer) {
    return contents.getIfPresent(layer);
  }

  /** Caches the content of a layer, if there is room. */
  void keep(DeltaLayer layer, LayerContent content) {
    count(content.heapBytes());
    contents.put(layer, content);
    if (bytes.get() > maxBytes) {
      contents.cleanUp(); // as for files, see below
    }
  }

  /** Removes the content of a layer from the cache. */
  void forget(DeltaLayer layer) {
    contents.invalidate(layer);
  }

  /**
   * Opens a file, the same at each call of {@code opener}, which counts until it is closed. If the
   * file is opened again for a read, the read throws what that throws.
   */
  LayerFileInput open(IoSupplier<LayerFileInput> opener) throws IOException {
    OpenFile first = new OpenFile(opener.get());
    CachedFile file = new CachedFile(opener, first.input.name(), first.input.length());
    keep(file, first);
    return file;
  }

  /*
   * A thread that is suspended while it adds a file keeps the cache from closing others until it
   * runs again, and the other threads may add hundreds meanwhile. A file that exceeds the bound
   * then is not cached: it is closed when it has been read.
   */
  private void keep(CachedFile file, OpenFile opened) {
    files.put(file, opened);
    if (open.get() > maxOpenFiles) {
      files.cleanUp();
      if (open.get() > maxOpenFiles + SPARE + maxOpenFiles / SPARE_SHARE) {
        files.asMap().remove(file, opened);
      }
    }
    releaseRemoved();
  }

  /** Releases the files that were removed from the cache. The caller holds no lock of it. */
  private void releaseRemoved() {
    OpenFile file = removedFiles.poll();
    while (file != null) {
      file.release();
      file = removedFiles.poll();
    }
  }

  /** Closes the files that no reader uses, and clears the cache. */
  @Override
  public void close() {
    contents.invalidateAll();
    files.invalidateAll();
    releaseRemoved();
  }

  /** An open file with the number of its users, of which the cache is the first. */
  private final class OpenFile {
    private final LayerFileInput input;
    private final RefCount users = new RefCount();

    OpenFile(LayerFileInput input) {
      this.input = input;
      open.incrementAndGet();
    }

    boolean tryAcquire() {
      return users.tryAcquire();
    }

    void release() {
      if (users.release()) {
        open.decrementAndGet();
        try {
          input.close();
        } catch (IOException e) {
          LOG.warn("file not closed: file={}", input.name(), e);
        }
      }
    }
  }

  private final class CachedFile implements LayerFileInput {
    private final IoSupplier<LayerFileInput> opener;
    private final String name;
    private final long length;
    private boolean isClosed; // guarded by this

    CachedFile(IoSupplier<LayerFileInput> opener, String name, long length) {
      this.opener = opener;
      this.name = name;
      this.length = length;
    }

    private OpenFile acquire() throws IOException {
      OpenFile cached = files.getIfPresent(this);
      return cached != null && cached.tryAcquire() ? cached : reopen();
    }

    private synchronized OpenFile reopen() throws IOException {
      if (isClosed) {
        throw new IOException("layer file was closed: file=" + name);
      }
      OpenFile seen = files.getIfPresent(this);
      if (seen != null && seen.tryAcquire()) {
        return seen;
      }
      OpenFile opened = new OpenFile(opener.get());
      boolean acquired = opened.tryAcquire();
      assert acquired : "no other thread has seen it";
      keep(this, opened);
      return opened;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public long length() {
      return length;
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
      OpenFile file = acquire();
      try {
        file.input.read(position, target);
      } catch (NoSuchFileException e) {
        // An open file is opened again after an interrupt. The opener throws the right exception
        // for a file that is gone.
        opener.get().close();
        throw e;
      } finally {
        file.release();
        releaseRemoved(); // looking up a file may remove others
      }
    }

    @Override
    public void close() {
      synchronized (this) {
        isClosed = true;
        files.invalidate(this);
      }
      releaseRemoved();
    }
  }
}
