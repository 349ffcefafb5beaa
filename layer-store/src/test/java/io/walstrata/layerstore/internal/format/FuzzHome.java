package io.walstrata.layerstore.internal.format;

import io.walstrata.layerstore.home.Claim;
import io.walstrata.layerstore.home.LayerFileInput;
import io.walstrata.layerstore.home.LayerFileOutput;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.page.FreezeReason;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeMap;

/** A home of one layer file, whose manifest says what the file's footer says. */
final class FuzzHome implements LayerHome {
  private final byte[] file;
  private final byte[] manifest;
  private final String name;

  FuzzHome(byte[] file, DeltaLayerFooter footer) {
    this.file = file;
    ManifestLayer layer = ManifestLayer.of(footer, Lsn.INVALID, FreezeReason.POLICY);
    TreeMap<TimelineId, Lsn> lastLsns = new TreeMap<>();
    lastLsns.put(footer.timeline(), Lsn.of(footer.lsnRange().endLsn().value() - 1));
    OptionalLong offset = OptionalLong.of(Math.max(0, footer.endOffset() - 1));
    manifest = ManifestFormat.encode(new Manifest(1, offset, lastLsns, List.of(layer)));
    name = layer.pathInHome();
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
  public LayerFileInput open(String asked) {
    if (!asked.equals(name)) {
      throw new AssertionError("another file: asked=" + asked + ", name=" + name);
    }
    return MemoryFile.input(file);
  }

  @Override
  public List<String> list() {
    return List.of(name);
  }

  @Override
  public void replaceManifest(byte[] expected, byte[] replacement) {
    throw new UnsupportedOperationException();
  }

  @Override
  public LayerFileOutput create(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void delete(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void noteDamage(String name, String why) {}

  @Override
  public String readDamage(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public String setAside(List<String> names, String why) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Claim claim() {
    throw new UnsupportedOperationException();
  }
}
