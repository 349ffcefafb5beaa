package io.walstrata.harness.servers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LifelineTest {
  private @Nullable Process process;

  @AfterEach
  void end() {
    if (process != null) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  @Test
  void wrapped_isTheCommandItself_andStopsWithItsPipe() throws Exception {
    Process wrapped =
        start("TERM", "trap 'echo stopped; exit 7' TERM; echo $$; while :; do sleep 0.05; done");
    BufferedReader out = wrapped.inputReader();
    assertThat(out.readLine()).isEqualTo(Long.toString(wrapped.pid()));
    List<ProcessHandle> below = wrapped.descendants().toList();
    assertThat(wrapped.waitFor(300, TimeUnit.MILLISECONDS)).isFalse();
    wrapped.getOutputStream().close();
    assertThat(out.readLine()).isEqualTo("stopped");
    assertThat(wrapped.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(wrapped.exitValue()).isEqualTo(7);
    assertThat(below).isNotEmpty();
    for (ProcessHandle each : below) {
      each.onExit().get(5, TimeUnit.SECONDS);
    }
  }

  @Test
  void wrapped_ignoresCtrlC() throws Exception {
    Process wrapped = start("TERM", "echo up; exec sleep 30");
    assertThat(wrapped.inputReader().readLine()).isEqualTo("up");
    new ProcessBuilder("/bin/kill", "-s", "INT", Long.toString(wrapped.pid())).start().waitFor();
    assertThat(wrapped.waitFor(300, TimeUnit.MILLISECONDS)).isFalse();
  }

  @Test
  void wrapped_thatEndsByItself_leavesNoWatcher_onceThePipeIsClosed() throws Exception {
    Process wrapped = start("TERM", "echo up; sleep 0.3; exit 3");
    assertThat(wrapped.inputReader().readLine()).isEqualTo("up");
    List<ProcessHandle> below = wrapped.descendants().toList();
    assertThat(wrapped.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(wrapped.exitValue()).isEqualTo(3);
    wrapped.getOutputStream().close();
    for (ProcessHandle each : below) {
      each.onExit().get(5, TimeUnit.SECONDS);
    }
  }

  private Process start(String signal, String script) throws IOException {
    Process started =
        new ProcessBuilder(Lifeline.wrap(signal, List.of("/bin/sh", "-c", script))).start();
    process = started;
    return started;
  }
}
