package io.walstrata.layerstore.internal.manifest;

import io.walstrata.layerstore.home.FencedException;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.home.LayerPath;
import io.walstrata.layerstore.home.ManifestMovedException;
import io.walstrata.layerstore.internal.format.Manifest;
import io.walstrata.layerstore.internal.format.ManifestFormat;
import io.walstrata.layerstore.internal.format.ManifestLayer;
import io.walstrata.layerstore.page.CorruptLayerException;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads and writes a home's manifest. For one thread at a time. */
public final class ManifestKeeper {
  private static final Logger LOG = LoggerFactory.getLogger(ManifestKeeper.class);

  private final LayerHome home;
  private byte[] bytes = new byte[0];
  private Manifest manifest = Manifest.EMPTY;

  public ManifestKeeper(LayerHome home) {
    this.home = home;
  }

  /** Returns the manifest as it was last read or written. */
  public Manifest manifest() {
    return manifest;
  }

  /**
   * Reads the manifest again.
   *
   * @throws CorruptLayerException if it is damaged, or missing although there are layers
   */
  public void read() throws IOException {
    byte[] read = home.readManifest();
    Manifest decoded = Manifest.EMPTY;
    if (read.length > 0) {
      decoded = ManifestFormat.decode(file(), read);
    } else {
      // The first owner writes a manifest before it writes anything else.
      List<LayerPath> layers = home.list();
      if (!layers.isEmpty()) {
        throw new CorruptLayerException(
            file(),
            0,
            "manifest",
            "present, as there are layers like " + layers.get(0),
            "missing or empty");
      }
    }
    bytes = read;
    manifest = decoded;
  }

  /**
   * Reads the manifest again and returns it; a damaged one reads as that of a home that never had
   * an owner.
   */
  public Manifest readOrEmpty() throws IOException {
    try {
      read();
    } catch (CorruptLayerException e) {
      bytes = home.readManifest();
      manifest = Manifest.EMPTY;
    }
    return manifest;
  }

  private String file() {
    return home.location() + "/manifest";
  }

  /**
   * Replaces the manifest, durably.
   *
   * @throws FencedException if another owner has written the manifest
   */
  public void write(Manifest next) throws IOException {
    byte[] encoded = ManifestFormat.encode(next);
    try {
      home.replaceManifest(bytes, encoded);
    } catch (ManifestMovedException e) {
      throw fenced(e);
    }
    bytes = encoded;
    manifest = next;
  }

  /** Returns the exception for an owner that is fenced. */
  public FencedException fenced(ManifestMovedException e) {
    FencedException fenced =
        new FencedException(home.location(), manifest.epoch(), describe(e.actual()));
    fenced.initCause(e);
    return fenced;
  }

  private String describe(byte[] actual) {
    if (actual.length == 0) {
      return "none";
    }
    try {
      return "epoch " + ManifestFormat.decode(file(), actual).epoch();
    } catch (IOException e) {
      return "unreadable (" + e.getMessage() + ")";
    }
  }

  /** Deletes files that earlier owners did not publish, or that the manifest does not name. */
  public void deleteOrphans() throws IOException {
    Set<LayerPath> named = new HashSet<>();
    for (ManifestLayer layer : manifest.layers()) {
      named.add(layer.path());
    }
    for (LayerPath path : home.list()) {
      if (!named.contains(path)) {
        LOG.info(
            "deleting a file that the manifest does not name: home={}, file={}",
            home.location(),
            path);
        home.delete(path);
      }
    }
    for (String name : home.deleteUnpublished()) {
      LOG.info("deleted a file that was never published: home={}, file={}", home.location(), name);
    }
  }
}
