package io.walstrata.layerstore.testkit.faultfs;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;

/**
 * What happens to a step that does not go well.
 *
 * @param effect how much of it is done all the same
 * @param reason what the error says; empty if the process stops here, and is told nothing any more
 */
public record Fault(Effect effect, String reason) {
  /** How much of a failing step is done. */
  public enum Effect {
    NOTHING,
    /** Of a write the first half, of anything else nothing. */
    HALF,
    /** All, but it is reported as failed. A force that has succeeded, a file that was renamed. */
    ALL
  }

  private static final String DENIED = "Permission denied";

  /** The process stops before the step: this and all later ones fail, and its files are closed. */
  public static Fault stop() {
    return new Fault(Effect.NOTHING, "");
  }

  /** The disk is full. */
  public static Fault noSpace(Effect effect) {
    return new Fault(effect, "No space left on device");
  }

  /** The disk is broken. */
  public static Fault ioError(Effect effect) {
    return new Fault(effect, "Input/output error");
  }

  /** The process has no file descriptor left. */
  public static Fault tooManyOpenFiles() {
    return new Fault(Effect.NOTHING, "Too many open files");
  }

  /** The directory cannot be written, or read. */
  public static Fault denied() {
    return new Fault(Effect.NOTHING, DENIED);
  }

  boolean isStop() {
    return reason.isEmpty();
  }

  /** As the JDK says it: with a file where a path is asked for, without on an open channel. */
  IOException error(Step step) {
    return switch (step.kind()) {
      case WRITE, TRUNCATE, FORCE, SYNC_DIRECTORY, READ, LOCK, CLOSE -> new IOException(reason);
      default ->
          reason.equals(DENIED)
              ? new AccessDeniedException(step.path())
              : new FileSystemException(step.path(), null, reason);
    };
  }
}
