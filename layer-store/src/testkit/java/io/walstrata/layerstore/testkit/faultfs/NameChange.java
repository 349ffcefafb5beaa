package io.walstrata.layerstore.testkit.faultfs;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A node gets a name, loses one, or both at once, which is a rename: after a power loss all of it
 * has happened or nothing.
 */
final class NameChange {
  /*
   * Durable when the directories are synced. A sync that fails changes nothing here, unlike a
   * file's: names go through a journal, and a later sync that succeeds writes what was in it.
   */
  record Name(DiskDirectory directory, String text) {}

  private final DiskNode node;
  private final @Nullable Name from;
  private final @Nullable Name to;
  private final Set<DiskDirectory> unsynced = Collections.newSetFromMap(new IdentityHashMap<>());

  NameChange(DiskNode node, @Nullable Name from, @Nullable Name to) {
    this.node = node;
    this.from = from;
    this.to = to;
    if (from != null) {
      unsynced.add(from.directory);
    }
    if (to != null) {
      unsynced.add(to.directory);
    }
  }

  void synced(DiskDirectory directory) {
    unsynced.remove(directory);
  }

  boolean isDurable() {
    return unsynced.isEmpty();
  }

  /** Makes the change in what processes see. */
  void applyToSeen() {
    if (from != null) {
      from.directory.names.remove(from.text);
    }
    if (to != null) {
      to.directory.names.put(to.text, node);
    }
  }

  /** Makes the change in an image, where changes before this one may be missing. */
  void apply(Map<DiskDirectory, Map<String, DiskNode>> image) {
    if (from != null) {
      image.computeIfAbsent(from.directory, d -> new TreeMap<>()).remove(from.text, node);
    }
    if (to != null) {
      image.computeIfAbsent(to.directory, d -> new TreeMap<>()).put(to.text, node);
    }
  }
}
