package io.walstrata.layerstore.internal.format;

import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.home.Claim;
import io.walstrata.layerstore.home.LayerFileInput;
import io.walstrata.layerstore.home.LayerFileOutput;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.home.LayerPath;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;

/** A home of one layer file, whose manifest says what the file's footer says. */
final class FuzzHome implements LayerHome {
  private final byte[] file;
  private final byte[] manifest;
  private final LayerPath path;

  FuzzHome(byte[] file, DeltaLayerFooter footer) {
    this.file = file;
    ManifestLayer layer = ManifestLayer.of(footer, Lsn.INVALID, FreezeReason.POLICY);
    TreeMap<TimelineId, Lsn> lastLsns = new TreeMap<>();
    lastLsns.put(footer.timeline(), Lsn.of(footer.lsnRange().endLsn().value() - 1));
    OptionalLong offset = OptionalLong.of(Math.max(0, footer.endOffset() - 1));
    manifest = ManifestFormat.encode(new Manifest(1, offset, lastLsns, List.of(layer)));
    path = layer.path();
  }

  @Override
  public String location() {
    return "fuzz";
  }

  @Override
  public byte[] readManifest() {
    return manifest;
  }

  @Override
  public LayerFileInput open(LayerPath asked) {
    if (!asked.equals(path)) {
      throw new AssertionError("another file: asked=" + asked + ", path=" + path);
    }
    return MemoryFile.input(file);
  }

  @Override
  public List<LayerPath> list() {
    return List.of(path);
  }

  @Override
  public void replaceManifest(byte[] expected, byte[] replacement) {
    throw new UnsupportedOperationException();
  }

  @Override
  public LayerFileOutput create(LayerPath created, ByteBuffer buffer, Executor background) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void delete(LayerPath deleted) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<String> deleteUnpublished() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void noteDamage(LayerPath damaged, String why) {}

  @Override
  public Set<LayerPath> damaged() {
    return Set.of();
  }

  @Override
  public String readDamage(LayerPath damaged) {
    throw new UnsupportedOperationException();
  }

  @Override
  public String setAside(List<LayerPath> paths, String why) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Claim claim() {
    throw new UnsupportedOperationException();
  }
}
