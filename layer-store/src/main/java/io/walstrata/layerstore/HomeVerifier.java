package io.walstrata.layerstore;

import io.walstrata.layerstore.internal.file.PathReads;
import io.walstrata.layerstore.internal.format.Manifest;
import io.walstrata.layerstore.internal.format.ManifestLayer;
import io.walstrata.layerstore.internal.home.local.HomeLayout;
import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.internal.manifest.ManifestKeeper;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.UnsupportedFormatException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Checks a partition's home as a whole: the manifest, every file that it names, and all other
 * files. Used once, by one thread. Nothing is written.
 */
final class HomeVerifier {
  /*
   * The job may be running. It publishes a file before the manifest names it, and a repair moves a
   * file away before the manifest stops naming it. So files are listed before the manifest is read,
   * and files that seem to be missing or not named are compared once more with the manifest as it
   * is at the end.
   */
  private static final String MANIFEST = HomeLayout.MANIFEST;
  private static final Set<String> OWN = Set.of(MANIFEST, HomeLayout.LOCK);

  private final Path directory;
  private final LocalLayerHome home;
  private final Consumer<LayerFileReport> reports;

  HomeVerifier(Path directory, Consumer<LayerFileReport> reports) {
    this.directory = directory;
    this.home = new LocalLayerHome(directory);
    this.reports = reports;
  }

  /**
   * Reports each layer file in the order of the manifest, then all other files. The manifest is
   * reported only if something is wrong with it.
   *
   * @throws IOException if the directory cannot be listed
   */
  void run() throws IOException {
    Set<String> found = new TreeSet<>(home.fileNames());
    Manifest manifest;
    try {
      manifest = read();
    } catch (IOException e) {
      reports.accept(unreadable(directory.resolve(MANIFEST), e));
      for (String name : found) {
        if (LayerFiles.isNamedLikeALayer(directory.resolve(name))) {
          reports.accept(LayerTree.verifyFile(directory.resolve(name), null));
        }
      }
      return;
    }
    List<ManifestLayer> missing = new ArrayList<>();
    for (ManifestLayer layer : manifest.layers()) {
      String name = layer.path().toString();
      found.remove(name);
      Path file = directory.resolve(name);
      try {
        reports.accept(LayerFiles.verify(file, layer));
      } catch (NoSuchFileException e) {
        missing.add(layer);
      } catch (IOException e) {
        reports.accept(LayerTree.unreadable(file, e));
      }
    }
    reportRest(missing, found);
  }

  private Manifest read() throws IOException {
    ManifestKeeper keeper = new ManifestKeeper(home);
    keeper.read();
    if (keeper.manifest().equals(Manifest.EMPTY)
        && !PathReads.exists(directory.resolve(MANIFEST))
        && !LayerTree.setAside(directory).isEmpty()) {
      throw new CorruptLayerException(
          directory.resolve(MANIFEST).toString(),
          0,
          MANIFEST,
          "present, as files were set aside",
          "missing");
    }
    return keeper.manifest();
  }

  static LayerFileReport unreadable(Path manifest, IOException e) {
    FileVerdict verdict =
        e instanceof CorruptLayerException
            ? FileVerdict.DAMAGED
            : e instanceof UnsupportedFormatException
                ? FileVerdict.UNKNOWN_VERSION
                : FileVerdict.UNREADABLE;
    return LayerFileReport.of(manifest, verdict, LayerTree.text(e));
  }

  private void reportRest(List<ManifestLayer> missing, Set<String> found) throws IOException {
    Set<String> named;
    try {
      named =
          read().layers().stream()
              .map(layer -> layer.path().toString())
              .collect(Collectors.toSet());
    } catch (IOException e) {
      reports.accept(unreadable(directory.resolve(MANIFEST), e));
      return;
    }
    for (ManifestLayer layer : missing) {
      String name = layer.path().toString();
      if (named.contains(name)) {
        reports.accept(
            new LayerFileReport(
                directory.resolve(name),
                FileVerdict.DAMAGED,
                Optional.empty(),
                Optional.of("missing, although the manifest names it"),
                /* isNamed= */ true));
      }
    }
    for (String name : found) {
      Path file = directory.resolve(name);
      if (!named.contains(name) && PathReads.exists(file)) {
        reports.accept(LayerFileReport.of(file, FileVerdict.UNUSED, whyUnused(name)));
      }
    }
    for (Path place : LayerTree.setAside(directory)) {
      reports.accept(
          LayerFileReport.of(
              place, FileVerdict.UNUSED, "set aside because of damage, see why.txt in it"));
    }
    reportForeign();
  }

  private String whyUnused(String name) {
    if (name.endsWith(HomeLayout.UNPUBLISHED_SUFFIX)) {
      return "being written, or left by a process that died";
    }
    if (name.endsWith(HomeLayout.DAMAGE_SUFFIX)) {
      try {
        return "a note that the layer is damaged; the next start repairs it: "
            + PathReads.text(directory.resolve(name)).strip();
      } catch (IOException e) {
        return "a note that the layer is damaged: " + e;
      }
    }
    return LayerFiles.isNamedLikeALayer(Path.of(name))
        ? "not named by the manifest: just written, or left by a process that died"
        : "not named like a layer file";
  }

  private void reportForeign() throws IOException {
    for (Path each : PathReads.sorted(directory)) {
      String name = String.valueOf(each.getFileName());
      if (name.equals(MANIFEST + HomeLayout.UNPUBLISHED_SUFFIX)) {
        reports.accept(LayerFileReport.of(each, FileVerdict.UNUSED, whyUnused(name)));
      } else if (!OWN.contains(name)
          && !name.equals(HomeLayout.DAMAGED)
          && !HomeLayout.TIMELINE.matcher(name).matches()) {
        reports.accept(LayerFileReport.of(each, FileVerdict.UNUSED, "not part of a home"));
      }
    }
  }
}
