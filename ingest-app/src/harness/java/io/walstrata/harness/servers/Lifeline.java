package io.walstrata.harness.servers;

import java.util.ArrayList;
import java.util.List;

/** Wraps a command so that its process ends when this process does, however this one ends. */
final class Lifeline {
  /*
   * The command replaces the shell (same pid) and a small watcher stays beside it, which reads the
   * pipe whose other end this JVM holds. Nothing is ever written to the pipe: it ends when the JVM closes
   * it or dies, by kill -9 too, and then the watcher ends the command: its own stop signal first,
   * SIGKILL after 15 s.
   *
   * Ctrl-C goes to every process of the terminal's group. Both ignore it, so that the parent
   * decides the order in which things stop. (A JVM started with SIGINT ignored leaves it ignored.)
   */
  private static final String SCRIPT =
      """
      signal=$1; shift
      exec 3<&0 </dev/null
      (
        trap '' HUP INT TERM
        exec >/dev/null 2>&1
        cat <&3
        kill -s "$signal" $$ || exit 0
        n=0
        while [ $n -lt 150 ]; do kill -0 $$ || exit 0; sleep 0.1; n=$((n+1)); done
        kill -s KILL $$
      ) &
      exec 3<&-
      trap '' INT HUP
      exec "$@"
      """;

  private Lifeline() {}

  /**
   * Returns the wrapped command. Start it with a pipe as its standard input, and close that pipe to
   * stop it.
   *
   * @param stopSignal name of the signal that stops the command in good order, without SIG
   */
  static List<String> wrap(String stopSignal, List<String> command) {
    List<String> wrapped = new ArrayList<>(List.of("/bin/sh", "-c", SCRIPT, "lifeline"));
    wrapped.add(stopSignal);
    wrapped.addAll(command);
    return wrapped;
  }
}
