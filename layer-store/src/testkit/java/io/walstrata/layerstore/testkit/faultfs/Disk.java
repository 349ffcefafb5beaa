package io.walstrata.layerstore.testkit.faultfs;

import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A machine's disk, in memory. It remembers every change and which ones were made durable, and so
 * can say what a power loss would leave:
 *
 * <ul>
 *   <li>of a file's bytes, those that were written before a force that succeeded, and of the others
 *       any: none, all, the first ones, single pages, torn ones;
 *   <li>of names, those whose directory was synced after they were made, renamed or deleted, and
 *       each other one or not. A file that was forced may have lost its name, and a file that has
 *       its name may have lost its bytes.
 * </ul>
 *
 * <p>Locked by whoever uses it, one step of a process at a time.
 */
public final class Disk {
  private static final Path ROOT = Path.of("/");

  private final DiskDirectory root = new DiskDirectory();
  private final List<NameChange> nameChanges = new ArrayList<>();
  private final Map<DiskFile, FaultChannel> locks = new IdentityHashMap<>();

  /**
   * @param image what is there, and durable
   */
  public Disk(DiskImage image) {
    Map<String, DiskDirectory> directories = new HashMap<>(Map.of("", root));
    for (DiskImage.Entry entry : image.entries) {
      int slash = entry.path().lastIndexOf('/');
      DiskDirectory parent = directories.get(entry.path().substring(0, Math.max(0, slash)));
      parent.names.put(entry.path().substring(slash + 1), node(entry, directories));
    }
    directories.values().forEach(this::existed);
  }

  private static DiskNode node(DiskImage.Entry entry, Map<String, DiskDirectory> directories) {
    byte[] content = entry.content();
    if (content == null) {
      DiskDirectory directory = new DiskDirectory();
      directories.put(entry.path(), directory);
      return directory;
    }
    DiskFile file = new DiskFile();
    file.write(0, content);
    file.force(true);
    return file;
  }

  private void existed(DiskDirectory directory) {
    Map.copyOf(directory.names)
        .forEach((text, node) -> add(node, null, new NameChange.Name(directory, text)));
    sync(directory);
  }

  /** Starts a process: a view of the disk that counts its steps and has its own faults. */
  public FaultFileSystem start() {
    return new FaultFileSystem(this);
  }

  /** Returns what a power loss at this moment would leave. */
  public synchronized DiskImage image(Survival survival) {
    Map<DiskDirectory, Map<String, DiskNode>> names = new IdentityHashMap<>();
    int unsure = (int) nameChanges.stream().filter(c -> !c.isDurable()).count();
    Survival.Mode mode = survival.mode();
    int kept = mode == Survival.Mode.PREFIX ? survival.below(unsure + 1) : 0;
    int number = 0;
    for (NameChange change : nameChanges) {
      boolean survives =
          change.isDurable()
              || switch (mode) {
                case NOTHING -> false;
                case EVERYTHING -> true;
                case PREFIX -> number < kept;
                case EACH -> survival.flip();
              };
      number += change.isDurable() ? 0 : 1;
      if (survives) {
        change.apply(names);
      }
    }
    DiskImage image = new DiskImage();
    fill(image, "", root, names, survival);
    return image;
  }

  private static void fill(
      DiskImage image,
      String prefix,
      DiskDirectory directory,
      Map<DiskDirectory, Map<String, DiskNode>> names,
      Survival survival) {
    for (Map.Entry<String, DiskNode> entry : names.getOrDefault(directory, Map.of()).entrySet()) {
      String path = prefix + entry.getKey();
      if (entry.getValue() instanceof DiskFile file) {
        image.entries.add(new DiskImage.Entry(path, file.content(survival)));
      } else if (entry.getValue() instanceof DiskDirectory subdirectory) {
        image.entries.add(new DiskImage.Entry(path, null));
        fill(image, path + "/", subdirectory, names, survival);
      }
    }
  }

  /** Returns what an absolute, normal path stands for; null for nothing. */
  @Nullable DiskNode find(Path path) throws FileSystemException {
    DiskNode node = root;
    for (Path name : path) {
      if (node == null) {
        return null;
      }
      if (!(node instanceof DiskDirectory directory)) {
        throw new FileSystemException(path.toString(), null, "Not a directory");
      }
      node = directory.names.get(name.toString());
    }
    return node;
  }

  DiskNode get(Path path) throws FileSystemException {
    DiskNode node = find(path);
    if (node == null) {
      throw new NoSuchFileException(path.toString());
    }
    return node;
  }

  DiskDirectory directory(Path path) throws FileSystemException {
    if (get(path) instanceof DiskDirectory directory) {
      return directory;
    }
    throw new NotDirectoryException(path.toString());
  }

  private NameChange.Name name(Path path) throws FileSystemException {
    if (path.equals(ROOT)) {
      throw new FileSystemException("/", null, "Device or resource busy");
    }
    if (get(path.getParent()) instanceof DiskDirectory parent) {
      return new NameChange.Name(parent, path.getFileName().toString());
    }
    throw new FileSystemException(path.toString(), null, "Not a directory");
  }

  /** Gives a new node a name that is free. */
  void create(Path path, DiskNode node) throws FileSystemException {
    if (find(path) != null) {
      throw new FileAlreadyExistsException(path.toString());
    }
    add(node, null, name(path));
  }

  /** Gives a file another name, which may be taken by another file. */
  void move(Path from, Path to) throws FileSystemException {
    DiskNode node = get(from);
    if (node instanceof DiskDirectory || find(to) instanceof DiskDirectory) {
      throw new UnsupportedOperationException("moving directories");
    }
    add(node, name(from), name(to));
  }

  void delete(Path path) throws FileSystemException {
    DiskNode node = get(path);
    if (node instanceof DiskDirectory directory && !directory.names.isEmpty()) {
      throw new DirectoryNotEmptyException(path.toString());
    }
    add(node, name(path), null);
  }

  void sync(DiskDirectory directory) {
    nameChanges.forEach(change -> change.synced(directory));
  }

  private void add(DiskNode node, NameChange.@Nullable Name from, NameChange.@Nullable Name to) {
    NameChange change = new NameChange(node, from, to);
    nameChanges.add(change);
    change.applyToSeen();
  }

  /** Returns the channel that has locked a file; null if none has. */
  @Nullable FaultChannel locker(DiskFile file) {
    return locks.get(file);
  }

  void lock(DiskFile file, FaultChannel channel) {
    locks.put(file, channel);
  }

  void unlock(DiskFile file) {
    locks.remove(file);
  }
}
