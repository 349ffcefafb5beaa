package io.walstrata.layerstore.internal.home.local;

import io.walstrata.layerstore.home.LayerFileOutput;
import io.walstrata.layerstore.internal.file.BackgroundWrites;
import io.walstrata.layerstore.internal.file.LocalFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A layer file of a local home, while it is written. It has a temporary name until it is published.
 */
final class LocalFileOutput implements LayerFileOutput {
  /*
   * A kernel begins to write a file to disk after half a minute, when gigabytes are unwritten, or
   * when the file is synced. So the disk would be idle while versions are sorted, hashed and
   * copied, and the processor while the file is synced. Syncing every SYNC_BYTES, in another thread
   * if one is free, keeps both busy.
   */
  private static final long SYNC_BYTES = 16 << 20;

  private final String name;
  private final Path target;
  private final Path temp;
  private final FileChannel channel;
  private final ByteBuffer buffer;
  private final Executor background;
  private final SyncClock syncs;
  private long written;
  private long synced; // of these, the bytes that are synced or being synced
  private @Nullable CompletableFuture<Void> syncing;
  private boolean published;

  private LocalFileOutput(
      String name,
      Path target,
      Path temp,
      FileChannel channel,
      ByteBuffer buffer,
      Executor background,
      SyncClock syncs) {
    this.name = name;
    this.target = target;
    this.temp = temp;
    this.channel = channel;
    this.buffer = buffer;
    this.background = background;
    this.syncs = syncs;
  }

  /**
   * Creates the file, or empties it if an earlier attempt left it.
   *
   * @param name the file's name in its home
   * @param buffer for bytes that are not written yet
   * @param background runs syncs
   * @param syncs measures the syncs
   */
  static LocalFileOutput create(
      String name, Path target, ByteBuffer buffer, Executor background, SyncClock syncs)
      throws IOException {
    Path temp = target.resolveSibling(target.getFileName() + HomeLayout.UNPUBLISHED_SUFFIX);
    FileChannel channel =
        FileChannel.open(
            temp,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING);
    return new LocalFileOutput(name, target, temp, channel, buffer, background, syncs);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long position() {
    return written + buffer.position();
  }

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    if (bytes.remaining() > buffer.remaining()) {
      writeOut(buffer.flip());
      buffer.clear();
    }
    if (bytes.remaining() > buffer.capacity()) {
      writeOut(bytes);
    } else {
      buffer.put(bytes);
    }
    if (written - synced >= SYNC_BYTES && (syncing == null || syncing.isDone())) {
      awaitSynced();
      synced = written;
      syncing = BackgroundWrites.tryStart(background, () -> syncs.time(() -> channel.force(false)));
    }
  }

  private void writeOut(ByteBuffer bytes) throws IOException {
    LocalFiles.runWithFileName(
        temp,
        () -> {
          while (bytes.hasRemaining()) {
            written += channel.write(bytes);
          }
        });
  }

  /*
   * A sync that fails is never repeated: the file is discarded and written again, because the
   * kernel may have dropped the bytes that it could not write and report the next sync as a
   * success.
   */
  private void awaitSynced() throws IOException {
    CompletableFuture<Void> before = syncing;
    if (before != null) {
      LocalFiles.runWithFileName(temp, () -> BackgroundWrites.await(before));
      syncing = null;
    }
  }

  @Override
  public void publish() throws IOException {
    writeOut(buffer.flip());
    awaitSynced();
    LocalFiles.runWithFileName(
        temp,
        () -> {
          syncs.time(() -> channel.force(true));
          channel.close();
          Files.move(temp, target, StandardCopyOption.ATOMIC_MOVE);
        });
    published = true;
    syncs.time(() -> LocalFiles.syncDirectory(target.resolveSibling(".")));
  }

  @Override
  public void close() throws IOException {
    LocalFiles.runWithFileName(temp, channel::close);
    if (!published) {
      Files.deleteIfExists(temp);
    }
  }
}
