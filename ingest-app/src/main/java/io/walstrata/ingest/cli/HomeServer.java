package io.walstrata.ingest.cli;

import io.walstrata.ingest.BackupReads;
import io.walstrata.ingest.ForkFileSizes;
import io.walstrata.ingest.http.Answers;
import io.walstrata.ingest.http.Health;
import io.walstrata.ingest.http.HttpApi;
import io.walstrata.ingest.http.Peers;
import io.walstrata.ingest.query.HomeReads;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.postgres.redo.PostgresRedo;
import io.walstrata.postgres.rmgr.WalText;
import io.walstrata.postgres.wal.PgKeyText;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The job's HTTP interface over layer files alone, on a free port of the loopback address: commands
 * that ask a job ask this instead, and answer in the same way.
 */
final class HomeServer implements Closeable {
  private static final String HOST = "127.0.0.1";
  private static final String STATE = "FILES";

  private final HomeReads reads;
  private final HttpApi server;

  private HomeServer(HomeReads reads, HttpApi server) {
    this.reads = reads;
    this.server = server;
  }

  /**
   * Opens the homes below a directory and starts to listen.
   *
   * @throws IOException if there are none, or one cannot be read
   */
  static HomeServer start(Path directory) throws IOException {
    HomeReads reads =
        HomeReads.open(directory, LayerStoreOptions.DEFAULTS.withRedo(new PostgresRedo()));
    try {
      return new HomeServer(reads, listen(reads));
    } catch (IOException | RuntimeException e) {
      reads.close();
      throw e;
    }
  }

  private static HttpApi listen(HomeReads reads) throws IOException {
    return HttpApi.start(
        HOST,
        0,
        new BackupReads(reads),
        new HttpApi.Insight(
            () -> new Health.Report(true, true, STATE, List.of()),
            () -> new Answers.Status(null, "", STATE, List.of(), List.of(), List.of()),
            () -> ""),
        Peers.NONE,
        WalText::describeVersion,
        HttpApi.Options.DEFAULTS
            .withKeys(PgKeyText::parse)
            .withChecksums(PostgresRedo::writeChecksum)
            .withSizes(new ForkFileSizes()));
  }

  String url() {
    return "http://" + HOST + ":" + server.port();
  }

  @Override
  public void close() throws IOException {
    server.close();
    reads.close();
  }
}
