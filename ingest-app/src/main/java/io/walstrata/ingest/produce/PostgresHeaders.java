package io.walstrata.ingest.produce;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.header.Header;

/** Headers that producers of PostgreSQL's WAL put on their messages. */
final class PostgresHeaders {
  /**
   * PostgreSQL's timeline number of the WAL that the message's claim stands on, decimal text.
   * Without it nobody could tell, after a promotion, whether the claim is in the history of the new
   * primary.
   */
  static final String TIMELINE = "walstrata.postgres.timeline";

  private PostgresHeaders() {}

  static List<Header> of(int postgresTimeline) {
    byte[] value = Integer.toString(postgresTimeline).getBytes(StandardCharsets.US_ASCII);
    return List.of(
        new Header() {
          @Override
          public String key() {
            return TIMELINE;
          }

          @Override
          public byte[] value() {
            return value;
          }
        });
  }
}
