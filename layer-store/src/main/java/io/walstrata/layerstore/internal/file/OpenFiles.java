package io.walstrata.layerstore.internal.file;

import io.walstrata.layerstore.home.LayerFileInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Immutable files that are read again and again, more of them than may be open at once: those that
 * were not read lately are closed, and opened again when they are. For any thread.
 */
public final class OpenFiles {
  /*
   * Which files were not read lately is found as with pages of memory: a hand goes round the open
   * ones, takes the mark of each that was read since it last came by, and closes the first without
   * (second chance). So a read sets a mark at most, and takes no lock. A file that is being read is
   * closed when the read is done.
   */
  private static final Logger LOG = LoggerFactory.getLogger(OpenFiles.class);

  /** Opens a file; each time the same. */
  @FunctionalInterface
  public interface Opener {
    LayerFileInput open() throws IOException;
  }

  private final int maxOpen;
  private final Deque<Handle> handles =
      new ArrayDeque<>(); // the hand is at the first; guarded by this

  /**
   * @param maxOpen how many files stay open, at least 1; while they are read, one more for each
   *     thread that reads
   */
  public OpenFiles(int maxOpen) {
    if (maxOpen < 1) {
      throw new IllegalArgumentException("at least one file must be open: maxOpen=" + maxOpen);
    }
    this.maxOpen = maxOpen;
  }

  /** Returns how many files stay open. */
  public int maxOpen() {
    return maxOpen;
  }

  /** Opens a file; it counts until it is closed. What opening it again throws, a read throws. */
  public LayerFileInput open(Opener opener) throws IOException {
    ReopenedFile file = new ReopenedFile(opener);
    file.acquire().release();
    return file;
  }

  private void add(Handle added) {
    List<Handle> closed = new ArrayList<>();
    synchronized (this) {
      handles.addLast(added);
      while (handles.size() > maxOpen) {
        Handle first = handles.removeFirst();
        if (first.isUsed) {
          first.isUsed = false;
          handles.addLast(first);
        } else {
          closed.add(first);
        }
      }
    }
    closed.forEach(Handle::release);
  }

  private void remove(Handle handle) {
    boolean removed;
    synchronized (this) {
      removed = handles.remove(handle);
    }
    if (removed) {
      handle.release();
    }
  }

  /** A file while it is open. Its first user is the ring of handles. */
  private static final class Handle {
    private final LayerFileInput file;
    private final RefCount users = new RefCount();
    private volatile boolean isUsed = true; // since the hand last came by

    Handle(LayerFileInput file) {
      this.file = file;
    }

    boolean tryAcquire() {
      if (!users.tryAcquire()) {
        return false;
      }
      if (!isUsed) {
        isUsed = true;
      }
      return true;
    }

    void release() {
      if (users.release()) {
        try {
          file.close();
        } catch (IOException e) {
          LOG.warn("file not closed: file={}", file.name(), e);
        }
      }
    }
  }

  private final class ReopenedFile implements LayerFileInput {
    private final Opener opener;
    private volatile @Nullable Handle handle; // changed under this
    private volatile boolean isClosed; // changed under this

    ReopenedFile(Opener opener) {
      this.opener = opener;
    }

    Handle acquire() throws IOException {
      Handle open = handle;
      return open != null && open.tryAcquire() ? open : reopen();
    }

    private Handle reopen() throws IOException {
      Handle opened;
      synchronized (this) {
        if (isClosed) {
          throw new ClosedChannelException();
        }
        Handle seen = handle;
        if (seen != null && seen.tryAcquire()) {
          return seen;
        }
        opened = new Handle(opener.open());
        boolean acquired = opened.tryAcquire();
        assert acquired : "nobody else has seen it";
        handle = opened;
      }
      add(opened);
      if (isClosed) {
        remove(opened); // close() may have come before it was added
      }
      return opened;
    }

    private Handle last() {
      Handle last = handle;
      if (last == null) {
        throw new IllegalStateException("file was never open");
      }
      return last;
    }

    @Override
    public String name() {
      return last().file.name();
    }

    @Override
    public long length() {
      return last().file.length();
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
      Handle open = acquire();
      try {
        open.file.read(position, target);
      } catch (NoSuchFileException e) {
        // An open file is opened anew after an interrupt. The opener knows what it means that it
        // is gone.
        opener.open().close();
        throw e;
      } finally {
        open.release();
      }
    }

    @Override
    public void close() {
      Handle last;
      synchronized (this) {
        isClosed = true;
        last = handle;
      }
      if (last != null) {
        remove(last);
      }
    }
  }
}
