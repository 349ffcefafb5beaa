package io.walstrata.layerstore.testkit;

import io.walstrata.layerstore.home.Claim;
import io.walstrata.layerstore.home.HomeClaimedException;
import io.walstrata.layerstore.home.LayerFileInput;
import io.walstrata.layerstore.home.LayerFileOutput;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.home.ManifestMovedException;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A home in memory, with whole objects under names and a manifest that is replaced by comparison,
 * as an object store has them. Takes no time to sync, so that tests can do it a hundred thousand
 * times.
 */
public final class MemoryHome implements LayerHome {
  private final Map<String, byte[]> files = new ConcurrentSkipListMap<>();
  private final Map<String, byte[]> aside = new ConcurrentSkipListMap<>();
  private final AtomicBoolean claimed = new AtomicBoolean();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger mostOpen = new AtomicInteger();
  private final AtomicInteger timesOpened = new AtomicInteger();
  private byte[] manifest = {}; // guarded by this

  /** Returns the files by name, unpublished ones too. */
  public Map<String, byte[]> files() {
    return new TreeMap<>(files);
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
  public LayerFileOutput create(String name) {
    return new Output(name);
  }

  @Override
  public LayerFileInput open(String name) throws NoSuchFileException {
    byte[] content = files.get(name);
    if (content == null) {
      throw new NoSuchFileException(name);
    }
    timesOpened.incrementAndGet();
    return new Input(name, content);
  }

  @Override
  public void delete(String name) {
    files.remove(name);
  }

  @Override
  public List<String> list() {
    return List.copyOf(files.keySet());
  }

  @Override
  public void noteDamage(String name, String why) {
    files.putIfAbsent(name + DAMAGE_SUFFIX, why.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String readDamage(String name) throws NoSuchFileException {
    byte[] note = files.get(name + DAMAGE_SUFFIX);
    if (note == null) {
      throw new NoSuchFileException(name + DAMAGE_SUFFIX);
    }
    return new String(note, StandardCharsets.UTF_8);
  }

  @Override
  public String setAside(List<String> names, String why) {
    for (String name : names) {
      for (String each : List.of(name, name + DAMAGE_SUFFIX)) {
        byte[] content = files.remove(each);
        if (content != null) {
          aside.put(each, content);
        }
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
    if (!claimed.compareAndSet(false, true)) {
      throw new HomeClaimedException(location(), "another store");
    }
    return () -> claimed.set(false);
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
    private final String name;
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    private boolean published;

    Output(String name) {
      this.name = name;
      files.put(name + UNPUBLISHED_SUFFIX, new byte[0]);
    }

    @Override
    public String name() {
      return name;
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
      files.put(name, content.toByteArray());
      files.remove(name + UNPUBLISHED_SUFFIX);
      published = true;
    }

    @Override
    public void close() {
      if (!published) {
        files.remove(name + UNPUBLISHED_SUFFIX);
      }
    }
  }
}
