package io.walstrata.postgres.backup;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.UnrepresentableKeyException;
import io.walstrata.layerstore.page.Value;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageChecksum;
import io.walstrata.postgres.wal.LittleEndian;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts files into pages and passes on those that are not in the topic yet. Not for several threads.
 */
final class PageCopy {
  private static final int CHUNK_BLOCKS = 64;
  private static final int MAX_WARNINGS = 20;

  /** The bytes of a file. */
  interface Content {
    /**
     * Reads bytes.
     *
     * @param offset not before the end of what was read, unless {@link #canRepeat}
     * @return how many were read: fewer than asked for at the file's end, -1 if there is no file
     */
    int read(long offset, byte[] target) throws IOException;

    /** Returns whether bytes can be read again, as they may have changed. */
    boolean canRepeat();
  }

  private final BackupSink sink;
  private final BackupBounds bounds;
  private final long blocksPerSegment;
  private final boolean hasChecksums;
  private final boolean isSorted;
  private final @Nullable PageKey after;
  private boolean isResumed;
  private long badChecksums;
  private final byte[] chunk = new byte[CHUNK_BLOCKS * Page.BYTES];

  /**
   * @param hasChecksums whether pages have checksums to verify
   * @param isSorted whether files come in the order of keys
   * @param after the last key that was taken in an earlier run; null for none
   */
  PageCopy(
      BackupSink sink,
      BackupBounds bounds,
      long blocksPerSegment,
      boolean hasChecksums,
      boolean isSorted,
      @Nullable PageKey after) {
    this.sink = sink;
    this.bounds = bounds;
    this.blocksPerSegment = blocksPerSegment;
    this.hasChecksums = hasChecksums;
    this.isSorted = isSorted;
    this.after = after;
    this.isResumed = after == null;
  }

  /** Passes on one version, unless an earlier run has. */
  void put(PageKey key, byte[] value) {
    boolean isNew = (isSorted && after != null) ? key.compareTo(after) > 0 : isResumed;
    if (isNew) {
      sink.put(key, value);
    } else if (key.equals(after)) {
      isResumed = true;
    }
  }

  /** Returns whether keys can hold the file's pages; otherwise the sink has been asked. */
  boolean isRepresentable(ClusterFile file) {
    try {
      file.key(0, blocksPerSegment);
      return true;
    } catch (UnrepresentableKeyException e) {
      sink.unrepresentable(file.path(), e);
      return false;
    }
  }

  /** Passes on the size of a fork. */
  void size(ClusterFile file, long blocks) {
    byte[] value = new byte[4];
    LittleEndian.putI32(value, 0, (int) blocks);
    put(file.sizeKey(), value);
  }

  /**
   * Passes on a file's pages, or its content.
   *
   * @param bytes its length, as it was when files were listed
   * @return how many pages it has, -1 if it is not there any more
   */
  long file(ClusterFile file, long bytes, Content content) throws IOException {
    long blocks = file.kind().hasPages() ? pages(file, bytes, content) : whole(file, content);
    sink.fileDone();
    return blocks;
  }

  private long whole(ClusterFile file, Content content) throws IOException {
    PageKey key = file.key(0, blocksPerSegment);
    if (isSorted && after != null && key.compareTo(after) <= 0) {
      return 1;
    }
    int limit = Value.MAX_BYTES;
    byte[] value = new byte[ClusterFiles.MAX_SMALL_BYTES];
    int count = content.read(0, value);
    while (count == value.length && count <= limit) {
      byte[] more = new byte[Math.min(count, limit + 1 - count)];
      int read = content.read(count, more);
      value = Arrays.copyOf(value, count + more.length);
      System.arraycopy(more, 0, value, count, more.length);
      if (read <= 0) {
        break;
      }
      count += read;
    }
    if (count > limit) {
      throw new BackupException(
          "file is longer than such a file can be: file=" + file.path() + ", limit=" + limit);
    }
    if (count < 0) {
      return -1;
    }
    put(key, Arrays.copyOf(value, count));
    return 1;
  }

  private long pages(ClusterFile file, long bytes, Content content) throws IOException {
    long max = file.maxBlocks(blocksPerSegment);
    long index = firstIndex(file, max);
    if (index >= max) {
      return Math.min(bytes / Page.BYTES, max);
    }
    while (index < max) {
      int wanted = (int) Math.min(CHUNK_BLOCKS, max - index);
      byte[] target = wanted == CHUNK_BLOCKS ? chunk : new byte[wanted * Page.BYTES];
      int count = content.read(index * Page.BYTES, target);
      if (count < 0) {
        return index == 0 ? -1 : index;
      }
      for (int at = 0; at + Page.BYTES <= count; at += Page.BYTES, index++) {
        page(file, index, Arrays.copyOfRange(target, at, at + Page.BYTES), content);
      }
      if (count < target.length) {
        partialPage(file, index, count % Page.BYTES);
        return index;
      }
    }
    return index;
  }

  /** Returns the first page of a file that was not taken in an earlier run. */
  private long firstIndex(ClusterFile file, long max) {
    if (after == null || (!isSorted && isResumed)) {
      return 0;
    }
    PageKey first = file.key(0, blocksPerSegment);
    boolean beginsAfter = first.compareTo(after) > 0;
    boolean endsAfter = file.key(max - 1, blocksPerSegment).compareTo(after) >= 0;
    if (beginsAfter || !endsAfter) {
      return isSorted && beginsAfter ? 0 : max;
    }
    isResumed = true;
    return after.block() - first.block() + 1;
  }

  private void partialPage(ClusterFile file, long index, int bytes) {
    // The server ignores it, too: it is what is left of an extension that was not finished.
    if (bytes > 0 && !bounds.isOnline()) {
      sink.warn(
          "left out a part of a page at the end of a file: file="
              + (file.path() + ", block=" + index + ", bytes=" + bytes));
    }
  }

  private void page(ClusterFile file, long index, byte[] bytes, Content content)
      throws IOException {
    byte[] page = bytes;
    if (hasChecksums && file.kind() == ClusterFile.Kind.RELATION && !isIntact(file, index, page)) {
      if (content.canRepeat()) {
        byte[] again = new byte[Page.BYTES];
        int count = content.read(index * Page.BYTES, again);
        page = count == Page.BYTES ? again : page;
      }
      if (!isIntact(file, index, page)) {
        damaged(file, index, page);
      }
    }
    put(file.key(index, blocksPerSegment), page);
  }

  private boolean isIntact(ClusterFile file, long index, byte[] bytes) {
    Page page = new Page(bytes);
    return page.isNew() || page.checksum() == computed(file, index, page);
  }

  private int computed(ClusterFile file, long index, Page page) {
    return PageChecksum.of(page, file.firstBlock(blocksPerSegment) + index);
  }

  private void damaged(ClusterFile file, long index, byte[] bytes) {
    Page page = new Page(bytes);
    boolean isTorn = bounds.isOnline() && !Lsn.of(page.lsn()).isBefore(bounds.startLsn());
    if (isTorn) {
      return; // It was written while it was read; the WAL has an image of it.
    }
    String facts =
        "file="
            + (file.path() + ", block=" + index)
            + (", pageLsn=" + Lsn.of(page.lsn()) + ", checksum=" + page.checksum())
            + (", computed=" + computed(file, index, page));
    if (!bounds.isOnline()) {
      throw new BackupException(
          "page's checksum does not match its content: " + facts + "; restore the file");
    }
    if (badChecksums++ < MAX_WARNINGS) {
      sink.warn("page's checksum does not match its content: " + facts);
    }
  }

  /** Returns how many pages had a checksum that did not match, without those that may be torn. */
  long badChecksums() {
    return badChecksums;
  }
}
