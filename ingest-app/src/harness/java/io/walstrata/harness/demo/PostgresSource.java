package io.walstrata.harness.demo;

import io.walstrata.harness.servers.PostgresServer;
import io.walstrata.harness.servers.ServerException;
import io.walstrata.ingest.produce.PostgresProducer;
import io.walstrata.ingest.produce.ProducerHandle;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A PostgreSQL of the demo's own, its physical WAL, and some SQL. */
final class PostgresSource implements DemoSource {
  private final PostgresServer server;
  private Lsn start = Lsn.INVALID;
  private @Nullable TimelineId timeline;

  PostgresSource(PostgresServer server) {
    this.server = server;
    // Only the demo's own SQL is to be seen in the WAL.
    server.withSetting("autovacuum", "off");
  }

  @Override
  public String startServer() {
    server.start();
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select current_setting('server_version'), pg_current_wal_flush_lsn(),"
                    + " system_identifier from pg_control_system()")) {
      row.next();
      start = Lsn.parse(row.getString(2));
      timeline = new TimelineId(row.getLong(3), 0);
      return "PostgreSQL %s at %s:%d, user postgres"
          .formatted(row.getString(1), server.host(), server.port());
    } catch (SQLException e) {
      throw new ServerException("postgres does not answer, log=" + server.logFile(), e);
    }
  }

  @Override
  public TimelineId timeline() {
    if (timeline == null) {
      throw new IllegalStateException("postgres was not started");
    }
    return timeline;
  }

  @Override
  public ProducerHandle startProducer(String topic, String bootstrapServers, String registryUrl) {
    return PostgresProducer.start(
        Map.of(
            "url", server.jdbcUrl(),
            "start", start.toString(),
            "topic", topic,
            "bootstrap.servers", bootstrapServers,
            "schema.registry.url", registryUrl));
  }

  @Override
  public String producing() {
    return "streams PostgreSQL's physical WAL from " + start;
  }

  @Override
  public DemoStory run(ProducerHandle producer, Steps steps)
      throws SQLException, InterruptedException {
    try (Connection connection = server.connect()) {
      return new SqlWorkload(connection, timeline(), steps).run();
    }
  }
}
