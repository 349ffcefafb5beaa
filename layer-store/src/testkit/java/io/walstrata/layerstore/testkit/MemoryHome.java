package io.walstrata.layerstore.testkit;

import io.walstrata.layerstore.home.Claim;
import io.walstrata.layerstore.home.HomeClaimedException;
import io.walstrata.layerstore.home.LayerFileInput;
import io.walstrata.layerstore.home.LayerFileOutput;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.home.LayerPath;
import io.walstrata.layerstore.home.ManifestMovedException;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A home in memory, with whole objects under names and a manifest that is replaced by comparison,
 * as an object store has them. Takes no time to sync, so that tests can do it a hundred thousand
 * times.
 */
public final class MemoryHome implements LayerHome {
  private final Map<String, byte[]> files = new ConcurrentSkipListMap<>(); // by path
  private final Map<LayerPath, String> notes = new ConcurrentHashMap<>();
  private final Set<LayerPath> unpublished = ConcurrentHashMap.newKeySet();
  private final Map<String, byte[]> aside = new ConcurrentSkipListMap<>(); // by path
  private final AtomicReference<Claim> claim = new AtomicReference<>();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger mostOpen = new AtomicInteger();
  private final AtomicInteger timesOpened = new AtomicInteger();
  private byte[] manifest = {}; // guarded by this

  /** Returns the published files by path. */
  public Map<String, byte[]> files() {
    return new TreeMap<>(files);
  }

  /** Returns the files that were begun and neither published nor deleted. */
  public Set<LayerPath> unpublished() {
    return Set.copyOf(unpublished);
  }

  /** Returns how many files are open for reading. */
  public int open() {
    return open.get();
  }

  /** Returns how many files were open at once since this was called before. */
  public int mostOpen() {
    return mostOpen.getAndSet(open.get());
  }

  /** Returns how often a file was opened for reading. */
  public int timesOpened() {
    return timesOpened.get();
  }

  @Override
  public String location() {
    return "memory";
  }

  @Override
  public synchronized byte[] readManifest() {
    return manifest.clone();
  }

  @Override
  public synchronized void replaceManifest(byte[] expected, byte[] replacement)
      throws ManifestMovedException {
    if (!Arrays.equals(manifest, expected) && !Arrays.equals(manifest, replacement)) {
      throw new ManifestMovedException(location(), manifest);
    }
    manifest = replacement.clone();
  }

  @Override
  public LayerFileOutput create(LayerPath path, ByteBuffer buffer, Executor background) {
    return new Output(path);
  }

  @Override
  public LayerFileInput open(LayerPath path) throws NoSuchFileException {
    byte[] content = files.get(path.toString());
    if (content == null) {
      throw new NoSuchFileException(path.toString());
    }
    timesOpened.incrementAndGet();
    return new Input(path.toString(), content);
  }

  @Override
  public void delete(LayerPath path) {
    files.remove(path.toString());
  }

  @Override
  public List<String> deleteUnpublished() {
    List<String> deleted = unpublished.stream().map(LayerPath::toString).toList();
    unpublished.clear();
    return deleted;
  }

  @Override
  public List<LayerPath> list() {
    return files.keySet().stream().map(LayerPath::parse).toList();
  }

  @Override
  public void noteDamage(LayerPath path, String why) {
    notes.putIfAbsent(path, why);
  }

  @Override
  public Set<LayerPath> damaged() {
    return Set.copyOf(notes.keySet());
  }

  @Override
  public String readDamage(LayerPath path) throws NoSuchFileException {
    String note = notes.get(path);
    if (note == null) {
      throw new NoSuchFileException("note of " + path);
    }
    return note;
  }

  @Override
  public String setAside(List<LayerPath> paths, String why) {
    for (LayerPath path : paths) {
      notes.remove(path);
      byte[] content = files.remove(path.toString());
      if (content != null) {
        aside.put(path.toString(), content);
      }
    }
    return "memory aside";
  }

  /** Returns what was set aside, by name. */
  public Map<String, byte[]> aside() {
    return new TreeMap<>(aside);
  }

  @Override
  public Claim claim() throws HomeClaimedException {
    Claim taken =
        new Claim() {
          @Override
          public void close() {
            claim.compareAndSet(this, null);
          }
        };
    if (!claim.compareAndSet(null, taken)) {
      throw new HomeClaimedException(location(), "another store");
    }
    return taken;
  }

  private final class Input implements LayerFileInput {
    private final String name;
    private final byte[] content;
    private final AtomicBoolean isClosed = new AtomicBoolean();

    Input(String name, byte[] content) {
      this.name = name;
      this.content = content;
      mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public long length() {
      return content.length;
    }

    @Override
    public void read(long position, ByteBuffer target) throws EOFException {
      if (isClosed.get()) {
        throw new IllegalStateException("closed: name=" + name);
      }
      if (position < 0 || position > content.length - target.remaining()) {
        throw new EOFException("read outside the file: name=" + name + ", position=" + position);
      }
      target.put(content, (int) position, target.remaining());
    }

    @Override
    public void close() {
      if (isClosed.compareAndSet(false, true)) {
        open.decrementAndGet();
      }
    }
  }

  private final class Output implements LayerFileOutput {
    private final LayerPath path;
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();

    Output(LayerPath path) {
      this.path = path;
      unpublished.add(path);
    }

    @Override
    public String name() {
      return path.toString();
    }

    @Override
    public long position() {
      return content.size();
    }

    @Override
    public void write(ByteBuffer bytes) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      content.writeBytes(copy);
    }

    @Override
    public void publish() {
      files.put(path.toString(), content.toByteArray());
      unpublished.remove(path);
    }

    @Override
    public void close() {
      unpublished.remove(path);
    }
  }
}
