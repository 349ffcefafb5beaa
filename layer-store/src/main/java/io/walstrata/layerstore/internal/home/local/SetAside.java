package io.walstrata.layerstore.internal.home.local;

import io.walstrata.layerstore.home.LayerPath;
import io.walstrata.layerstore.internal.file.LocalFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Moves files of a local home into a new directory {@code damaged/<number>}. */
final class SetAside {
  /*
   * The new names are made durable before the old ones are removed, and both before the caller
   * continues: a file that reappears under its old name after a power failure, when the manifest no
   * longer names it, would be deleted.
   */
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

  private final Path home;
  private final List<LayerPath> paths;
  private final Set<Path> sources = new LinkedHashSet<>();
  private final Set<Path> targets = new LinkedHashSet<>();

  SetAside(Path home, List<LayerPath> paths) {
    this.home = home;
    this.paths = paths;
  }

  /** Moves the files and returns the directory that has them. */
  String run(String why, byte[] manifest) throws IOException {
    Path damaged = home.resolve(HomeLayout.DAMAGED);
    Path target = damaged.resolve(Long.toString(lastNumber(damaged) + 1));
    LocalFiles.getWithFileName(target, () -> Files.createDirectories(target));
    LocalFiles.runWithFileName(
        target,
        () ->
            LocalFiles.write(target.resolve(HomeLayout.WHY), why.getBytes(StandardCharsets.UTF_8)));
    if (manifest.length > 0) {
      LocalFiles.runWithFileName(
          target, () -> LocalFiles.write(target.resolve(HomeLayout.MANIFEST), manifest));
    }
    for (LayerPath path : paths) {
      move(path.toString(), target);
      move(path + HomeLayout.DAMAGE_SUFFIX, target);
    }
    for (Path each : targets) {
      LocalFiles.syncDirectory(each);
    }
    LocalFiles.syncDirectory(target);
    LocalFiles.syncDirectory(damaged);
    LocalFiles.syncDirectory(home);
    for (Path each : sources) {
      LocalFiles.syncDirectory(each);
    }
    return target.toString();
  }

  private static long lastNumber(Path damaged) throws IOException {
    long last = 0;
    for (Path each : LocalFiles.list(damaged)) {
      String name = String.valueOf(each.getFileName());
      if (NUMBER.matcher(name).matches()) {
        last = Math.max(last, Long.parseLong(name));
      }
    }
    return last;
  }

  private void move(String name, Path target) throws IOException {
    Path from = home.resolve(name);
    Path to = target.resolve(name);
    Path source = from.resolveSibling(".").normalize();
    Path directory = to.resolveSibling(".").normalize();
    if (!LocalFiles.exists(from)) {
      if (LocalFiles.exists(source)) {
        sources.add(source); // an earlier attempt may have moved the file
      }
      return;
    }
    LocalFiles.getWithFileName(directory, () -> Files.createDirectories(directory));
    try {
      LocalFiles.getWithFileName(from, () -> Files.move(from, to, StandardCopyOption.ATOMIC_MOVE));
    } catch (NoSuchFileException e) {
      return;
    }
    sources.add(source);
    targets.add(directory);
  }
}
