package io.walstrata.harness.servers;

/** An action that may fail with any exception. */
@FunctionalInterface
public interface ThrowingRunnable {
  void run() throws Exception;
}
