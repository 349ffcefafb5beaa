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
 * Finds and checks layer files in directories: a partition's home, a directory above several homes,
 * files that were set aside in one, or any directory with layer files. Nothing is written, and jobs
 * may be running.
 */
public final class LayerTree {
  private static final String MANIFEST = HomeLayout.MANIFEST;
  private static final String SUFFIX = ".delta";
  private static final Pattern NUMBER = Pattern.compile("[0-9]+");

  /** Takes what is found, in order. */
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
   * Checks a layer file as {@link LayerFiles#verify} does, or all layer files below a directory. A
   * home is checked as a whole: its manifest, and that every file that it names exists, is intact
   * and is the right one; other files in it are reported as {@link FileVerdict#UNUSED}. Files that
   * were set aside in a home are not checked, unless the path leads there.
   *
   * @param reports takes a report on each file, in order; on a manifest only if it is not intact
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
   * Returns the layer files below a directory: of a home those that its manifest names, by timeline
   * and then oldest first, or all if no manifest can be read.
   *
   * @param troubles takes a report on each manifest or directory that cannot be read
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

  /**
   * Returns the homes below a directory, in the order of their paths; the directory itself if it is
   * one.
   *
   * @param troubles takes a report on each directory that cannot be read
   */
  public static List<Path> homes(Path path, Consumer<LayerFileReport> troubles) {
    List<Path> homes = new ArrayList<>();
    new LayerTree(
            new Visitor() {
              @Override
              public void home(Path home) {
                homes.add(home);
              }

              @Override
              public void file(Path file) {}

              @Override
              public void unreadable(Path directory, IOException e) {
                troubles.accept(LayerTree.unreadable(directory, e));
              }
            })
        .visit(path);
    return homes;
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

  /** Visits a directory; the rest is visited even if a part cannot be read. */
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

  /** Returns whether a file is a manifest, by its first bytes: other programs use that name too. */
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

  /** Returns the manifest's entry for a file; null if the file is in no home, or not named. */
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
      return null; // only the file is to be checked
    }
  }

  private static boolean isNamedManifest(Path file) {
    try {
      return String.valueOf(file.getFileName()).equals(MANIFEST)
          && (isManifest(file) || hasLock(file.toAbsolutePath().resolveSibling(".")));
    } catch (IOException e) {
      return false; // reading it as a layer file reports why
    }
  }

  /** Returns a report on a manifest alone, without the files that it names. */
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

  /** Returns what failed, in words: the message of a file system's error may be the path alone. */
  static String text(IOException e) {
    String message = e.getMessage();
    if (e instanceof NoSuchFileException) {
      return "no such file";
    }
    return message == null || e instanceof FileSystemException ? e.toString() : message;
  }
}
