package io.walstrata.harness.servers;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Whether a person is watching. */
public final class Terminal {
  private Terminal() {}

  /** Returns whether this process's standard output and standard error are a terminal. */
  public static boolean isThere() {
    // System.console() means other things from one Java to the next; the shell's own test does not.
    try {
      Process test =
          new ProcessBuilder("/bin/sh", "-c", "test -t 1 && test -t 2").inheritIO().start();
      return test.waitFor(5, TimeUnit.SECONDS) && test.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
