package io.walstrata.layerstore.testkit;

import io.walstrata.layerstore.home.Claim;
import io.walstrata.layerstore.home.LayerFileInput;
import io.walstrata.layerstore.home.LayerFileOutput;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.home.LayerPath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongPredicate;

/**
 * A home that fails at chosen steps. Each call that changes something is a step, and so is the
 * moment after it: the change has been made then, but its caller is told that it failed.
 */
public final class FaultyHome implements LayerHome {
  private final LayerHome home;
  private volatile LongPredicate fails = step -> false;
  private long steps; // guarded by this

  public FaultyHome(LayerHome home) {
    this.home = home;
  }

  /** Says which steps fail, counted from 0 on. */
  public synchronized void failAt(LongPredicate fails) {
    this.fails = fails;
    steps = 0;
  }

  public synchronized long steps() {
    return steps;
  }

  private synchronized void step(String what) throws IOException {
    long step = steps++;
    if (fails.test(step)) {
      throw new IOException("injected: no space left on device, step=" + step + ", what=" + what);
    }
  }

  @Override
  public String location() {
    return home.location();
  }

  @Override
  public byte[] readManifest() throws IOException {
    return home.readManifest();
  }

  @Override
  public void replaceManifest(byte[] expected, byte[] replacement) throws IOException {
    step("replace manifest");
    home.replaceManifest(expected, replacement);
    step("manifest replaced");
  }

  @Override
  public LayerFileOutput create(LayerPath path, ByteBuffer buffer, Executor background)
      throws IOException {
    step("create " + path);
    return new Output(home.create(path, buffer, background));
  }

  @Override
  public LayerFileInput open(LayerPath path) throws IOException {
    return home.open(path);
  }

  @Override
  public void delete(LayerPath path) throws IOException {
    step("delete " + path);
    home.delete(path);
  }

  @Override
  public List<String> deleteUnpublished() throws IOException {
    step("delete unpublished files");
    return home.deleteUnpublished();
  }

  @Override
  public List<LayerPath> list() throws IOException {
    return home.list();
  }

  @Override
  public void noteDamage(LayerPath path, String why) throws IOException {
    step("note damage of " + path);
    home.noteDamage(path, why);
  }

  @Override
  public Set<LayerPath> damaged() throws IOException {
    return home.damaged();
  }

  @Override
  public String readDamage(LayerPath path) throws IOException {
    return home.readDamage(path);
  }

  @Override
  public String setAside(List<LayerPath> paths, String why) throws IOException {
    // One after the other, so that it ends in the middle.
    String place = "";
    for (LayerPath path : paths) {
      step("set aside " + path);
      place = home.setAside(List.of(path), why);
    }
    step("set aside");
    return place;
  }

  @Override
  public Claim claim() throws IOException {
    return home.claim();
  }

  private final class Output implements LayerFileOutput {
    private final LayerFileOutput out;

    Output(LayerFileOutput out) {
      this.out = out;
    }

    @Override
    public String name() {
      return out.name();
    }

    @Override
    public long position() {
      return out.position();
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      int half = bytes.remaining() / 2;
      out.write(bytes.slice(bytes.position(), half));
      bytes.position(bytes.position() + half);
      step("write " + name());
      out.write(bytes);
    }

    @Override
    public void publish() throws IOException {
      step("publish " + name());
      out.publish();
      step("published " + name());
    }

    @Override
    public void close() throws IOException {
      // A process that has stopped does not tidy up.
      step("close " + name());
      out.close();
    }
  }
}
