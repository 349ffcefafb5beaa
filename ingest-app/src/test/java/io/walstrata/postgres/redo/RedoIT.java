package io.walstrata.postgres.redo;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.harness.servers.PostgresServer;
import io.walstrata.layerstore.page.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Redo against PostgreSQL itself: its recovery of a base and its log, and the pages that it logs
 * beside its records. {@link RedoCheck} does the same by hand.
 */
class RedoIT {
  private static final Path SERVERS = Path.of(System.getProperty("walstrata.redo.servers"));

  @TempDir Path folder;

  /** Servers run as another user if this process is root, and read the log from here. */
  @BeforeEach
  void letAllRead() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @ParameterizedTest
  @CsvSource({"15, general, --no-locale, off", "18, backup, --no-locale, off"})
  void pages_areThoseOfTheServersRecovery(
      String release, String script, String initdb, String logHints) throws Exception {
    assertRecoversAlike(script, release, initdb, logHints, 2);
  }

  @ParameterizedTest
  @Tag("long")
  @CsvSource({
    "15, backup, --data-checksums, off",
    "15, general, --data-checksums, off",
    "16, general, --no-locale, on",
    "17, general, --data-checksums, off",
    "17.10, general, --no-locale, off",
    "17.10, backup, --no-locale, off",
    "18, general, --no-locale, off",
    "18.4, general, --no-data-checksums, on"
  })
  void pages_areThoseOfTheServersRecovery_withOtherReleasesAndSettings(
      String release, String script, String initdb, String logHints) throws Exception {
    assertRecoversAlike(script, release, initdb, logHints, 4);
  }

  /** What is no access method: transaction status, multixacts, sizes, copied databases. */
  @ParameterizedTest
  @Tag("long")
  @CsvSource({"15, --no-locale", "16, --data-checksums", "17, --no-locale", "18, --no-locale"})
  void filesOfStatusAndCopies_areThoseOfTheServersRecovery(String release, String initdb)
      throws Exception {
    assertRecoversAlike("status", release, initdb, "on", 3);
  }

  private void assertRecoversAlike(
      String script, String release, String initdb, String logHints, int targets) throws Exception {
    RecoveryOracle oracle = new RecoveryOracle(folder.resolve("oracle"));
    try (PostgresServer server = server(release, "primary")) {
      server.withInitdbArgument(initdb).withSetting("wal_log_hints", logHints);
      oracle.make(server, RedoWorkload.script(script));
    }
    long seed = Long.getLong("walstrata.seed", System.nanoTime());
    System.out.println("walstrata.seed=" + seed);
    OracleComparison comparison = new OracleComparison(oracle.history(), 2);
    int number = 0;
    for (Lsn target : oracle.targets(targets, seed)) {
      // Recovery decides by its own settings what VISIBLE stamps, and whether to keep timestamps.
      PostgresServer second = server(release, "second" + number++);
      RedoWorkload.configure(second, RedoWorkload.script(script));
      oracle.recover(second.withSetting("wal_log_hints", logHints), target);
    }
    for (Path recovered : oracle.recovered()) {
      comparison.compare(ClusterFiles.read(recovered), RecoveryOracle.lsn(recovered));
    }
    assertThat(comparison.faults()).as(comparison.report()).isZero();
    assertThat(comparison.refusals()).as(comparison.report()).isEmpty();
  }

  /** A record type that the document claims, and that no server wrote here, would be unproven. */
  @Test
  @Tag("long")
  void allScripts_areReplayedAsTheDocumentStates() throws Exception {
    List<RedoCoverage> runs = new ArrayList<>();
    for (RedoRun run : RedoRun.all()) {
      ConsistencyReplay replay = run.replay(SERVERS);
      assertThat(replay.faults()).as("%s%n%s", run, replay.report()).isZero();
      runs.add(replay.coverage());
    }
    assertThat(RedoTable.ofDocument().withoutThoseOf(RedoTable.of(runs))).isEmpty();
  }

  private PostgresServer server(String release, String name) throws Exception {
    return RedoCheck.server(SERVERS, release, folder.resolve(name));
  }
}
