package io.walstrata.layerstore;

import io.walstrata.layerstore.internal.file.PathReads;
import io.walstrata.layerstore.internal.format.Manifest;
import io.walstrata.layerstore.internal.format.ManifestFormat;
import io.walstrata.layerstore.internal.format.ManifestLayer;
import io.walstrata.layerstore.internal.home.local.HomeLayout;
import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.internal.manifest.ManifestKeeper;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Looks into directories with layer files: a partition's home, a directory above several of them,
 * what was set aside in one, or any folder of layer files. Nothing is written, and jobs may be
 * running.
 */
public final class LayerTree {
  private static final String MANIFEST = HomeLayout.MANIFEST;
  private static final String SUFFIX = ".delta";
  private static final Pattern NUMBER = Pattern.compile("[0-9]+");

  /** Is called for what is found, in order. */
  private interface Visitor {
    void home(Path home) throws IOException;

    void file(Path file);

    void unreadable(Path directory, IOException e);
  }

  private final Visitor visitor;
  private final Set<Path> visited = new HashSet<>();

  private LayerTree(Visitor visitor) {
    this.visitor = visitor;
  }

  /**
   * Checks a layer file as {@link LayerFiles#verify} does, or all below a directory. A home is
   * checked as a whole: its manifest, and that every file that it names is there, whole, and the
   * right one; what else is in it is reported as {@link FileVerdict#UNUSED}. What was set aside in
   * a home is not looked into, unless the path leads there.
   *
   * @param reports is called for each file, in order; of manifests for those that are not intact
   * @return whether a layer file or a home was found, intact or not
   */
  public static boolean verify(Path path, Consumer<LayerFileReport> reports) {
    if (!PathReads.isDirectory(path)) {
      reports.accept(isNamedManifest(path) ? verifyManifest(path) : verifyFile(path, named(path)));
      return true;
    }
    boolean[] isFound = {false};
    new LayerTree(
            new Visitor() {
              @Override
              public void home(Path home) throws IOException {
                isFound[0] = true;
                new HomeVerifier(home, reports).run();
              }

              @Override
              public void file(Path file) {
                isFound[0] = true;
                reports.accept(verifyFile(file, null));
              }

              @Override
              public void unreadable(Path directory, IOException e) {
                isFound[0] = true;
                reports.accept(LayerTree.unreadable(directory, e));
              }
            })
        .visit(path);
    return isFound[0];
  }

  /**
   * Lists the layer files below a directory: of a home those that its manifest names, by timeline
   * and then oldest first, or, if there is no manifest that can be read, all there are.
   *
   * @param troubles is called for a manifest or a directory that cannot be read
   * @return the files; the path itself if it is no directory
   */
  public static List<Path> files(Path path, Consumer<LayerFileReport> troubles) {
    if (!PathReads.isDirectory(path)) {
      return List.of(path);
    }
    List<Path> files = new ArrayList<>();
    new LayerTree(
            new Visitor() {
              @Override
              public void home(Path home) throws IOException {
                addOfHome(home, files, troubles);
              }

              @Override
              public void file(Path file) {
                files.add(file);
              }

              @Override
              public void unreadable(Path directory, IOException e) {
                troubles.accept(LayerTree.unreadable(directory, e));
              }
            })
        .visit(path);
    return files;
  }

  private static void addOfHome(Path home, List<Path> files, Consumer<LayerFileReport> troubles)
      throws IOException {
    ManifestKeeper manifests = new ManifestKeeper(new LocalLayerHome(home));
    try {
      manifests.read();
      manifests
          .manifest()
          .layers()
          .forEach(layer -> files.add(home.resolve(layer.path().toString())));
    } catch (IOException e) {
      troubles.accept(HomeVerifier.unreadable(home.resolve(MANIFEST), e));
      for (Path timeline : PathReads.sorted(home)) {
        if (isTimeline(timeline)) {
          PathReads.sorted(timeline).stream().filter(LayerTree::isLayer).forEach(files::add);
        }
      }
    }
  }

  /** What cannot be read does not keep the rest from being visited. */
  private void visit(Path directory) {
    try {
      if (!visited.add(directory.toRealPath())) {
        return; // a link to a directory that was visited
      }
      List<Path> entries = PathReads.sorted(directory);
      if (!isSetAside(directory) && isHome(directory, entries)) {
        visitor.home(directory);
        return;
      }
      for (Path each : entries) {
        if (PathReads.isDirectory(each)) {
          visit(each);
        } else if (isLayer(each)) {
          visitor.file(each);
        }
      }
    } catch (IOException e) {
      visitor.unreadable(directory, e);
    }
  }

  private static boolean isHome(Path directory, List<Path> entries) throws IOException {
    Path manifest = directory.resolve(MANIFEST);
    if (!setAside(directory).isEmpty()
        || (PathReads.exists(manifest) && (hasLock(directory) || isManifest(manifest)))) {
      return true;
    }
    for (Path each : entries) {
      if (isTimeline(each) && PathReads.sorted(each).stream().anyMatch(LayerTree::isLayer)) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasLock(Path directory) {
    return PathReads.exists(directory.resolve(HomeLayout.LOCK));
  }

  /** Other programs have files of that name, too. */
  private static boolean isManifest(Path file) throws IOException {
    if (!PathReads.isRegularFile(file)) {
      return false;
    }
    return ManifestFormat.isMarked(PathReads.head(file, Long.BYTES));
  }

  private static boolean isTimeline(Path path) {
    return HomeLayout.TIMELINE.matcher(String.valueOf(path.getFileName())).matches()
        && PathReads.isDirectory(path);
  }

  private static boolean isLayer(Path file) {
    return String.valueOf(file.getFileName()).endsWith(SUFFIX) && !PathReads.isDirectory(file);
  }

  private static boolean isSetAside(Path directory) {
    Path real = directory.toAbsolutePath().normalize();
    Path parent = real.getParent();
    return parent != null
        && String.valueOf(parent.getFileName()).equals(HomeLayout.DAMAGED)
        && NUMBER.matcher(String.valueOf(real.getFileName())).matches()
        && PathReads.exists(real.resolve(HomeLayout.WHY));
  }

  /** Returns the places in a home where files were set aside. */
  static List<Path> setAside(Path home) throws IOException {
    try {
      return PathReads.sorted(home.resolve(HomeLayout.DAMAGED)).stream()
          .filter(LayerTree::isSetAside)
          .toList();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    }
  }

  /** Returns what the manifest of the home says of a file; null if it is in none, or not named. */
  private static @Nullable ManifestLayer named(Path file) {
    Path timeline = file.toAbsolutePath().normalize().getParent();
    Path home = timeline == null ? null : timeline.getParent();
    if (timeline == null || home == null || isSetAside(home)) {
      return null;
    }
    String name = timeline.getFileName() + "/" + file.getFileName();
    try {
      Manifest manifest =
          ManifestFormat.decode(
              home.resolve(MANIFEST).toString(), PathReads.bytes(home.resolve(MANIFEST)));
      return manifest.layers().stream()
          .filter(layer -> layer.path().toString().equals(name))
          .findFirst()
          .orElse(null);
    } catch (IOException e) {
      return null; // Only the file was asked for.
    }
  }

  private static boolean isNamedManifest(Path file) {
    try {
      return String.valueOf(file.getFileName()).equals(MANIFEST)
          && (isManifest(file) || hasLock(file.toAbsolutePath().resolveSibling(".")));
    } catch (IOException e) {
      return false; // Reading it as a layer file says why.
    }
  }

  /** Checks a manifest alone, without the files that it names. */
  private static LayerFileReport verifyManifest(Path file) {
    try {
      ManifestFormat.decode(file.toString(), PathReads.bytes(file));
      return new LayerFileReport(
          file, FileVerdict.INTACT, Optional.empty(), Optional.empty(), /* isNamed= */ false);
    } catch (IOException e) {
      return HomeVerifier.unreadable(file, e);
    }
  }

  static LayerFileReport verifyFile(Path file, @Nullable ManifestLayer named) {
    try {
      return LayerFiles.verify(file, named);
    } catch (IOException e) {
      return unreadable(file, e);
    }
  }

  static LayerFileReport unreadable(Path file, IOException e) {
    return LayerFileReport.of(file, FileVerdict.UNREADABLE, text(e));
  }

  /** The message of a file system's error may be its path alone: what happened is in the class. */
  static String text(IOException e) {
    String message = e.getMessage();
    if (e instanceof NoSuchFileException) {
      return "no such file";
    }
    return message == null || e instanceof FileSystemException ? e.toString() : message;
  }
}
