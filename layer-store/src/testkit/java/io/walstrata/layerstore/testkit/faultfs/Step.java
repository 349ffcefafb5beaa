package io.walstrata.layerstore.testkit.faultfs;

/**
 * One thing that a process asks its file system for.
 *
 * @param number counted from 0 on, in the order in which they happen
 * @param path absolute, as the process names it
 */
public record Step(int number, Kind kind, String path) {
  /** What is asked for. */
  public enum Kind {
    /** A file is created, or an existing one truncated as it is opened. */
    CREATE(true),
    WRITE(true),
    TRUNCATE(true),
    /** A file's bytes are made durable. */
    FORCE(true),
    /** A directory's names are made durable. */
    SYNC_DIRECTORY(true),
    MOVE(true),
    DELETE(true),
    CREATE_DIRECTORY(true),
    /** A file or a directory is opened as it is. */
    OPEN(false),
    READ(false),
    /** A directory is read. */
    LIST(false),
    STAT(false),
    LOCK(false),
    CLOSE(false);

    private final boolean changes;

    Kind(boolean changes) {
      this.changes = changes;
    }

    /** Returns whether such a step changes what is on the disk. */
    public boolean changes() {
      return changes;
    }

    /** Returns whether such a step needs a file descriptor that is free. */
    public boolean opens() {
      return this == CREATE || this == OPEN || this == LIST;
    }
  }
}
