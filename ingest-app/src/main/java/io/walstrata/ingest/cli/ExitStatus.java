package io.walstrata.ingest.cli;

/** The exit statuses of every command. Scripts rely on them: they never change. */
public final class ExitStatus {
  /** Done; or found. */
  public static final int OK = 0;

  /** The answer is no: dropped, unknown timeline, damaged file. */
  public static final int NO = 1;

  /** The command line or the configuration is wrong. */
  public static final int USAGE = 2;

  /** The timeline has not reached the LSN: ask again later. */
  public static final int NOT_REACHED = 3;

  /** The job, the broker or the registry does not answer at the moment. */
  public static final int UNAVAILABLE = 4;

  /** Anything else that went wrong. */
  public static final int FAILED = 5;

  /** History has no version of the page at or below the LSN: it may be older than history. */
  public static final int BEFORE_HISTORY = 6;

  /** A file has a format version that this program does not know; else no damage was found. */
  public static final int UNKNOWN_VERSION = 7;

  private ExitStatus() {}
}
