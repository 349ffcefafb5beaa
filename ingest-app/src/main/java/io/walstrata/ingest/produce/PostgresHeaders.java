package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.Lsn;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** Headers that producers of PostgreSQL's WAL put on their messages. */
final class PostgresHeaders {
  /**
   * PostgreSQL's timeline number of the WAL that ends at the message's claim, decimal text. Without
   * it nothing would show, after a promotion, whether the claim is in the history of the new
   * primary.
   */
  static final String TIMELINE = "walstrata.postgres.timeline";

  /**
   * The mark of the WAL that the message's claim covers, see {@link RecordMark}: without it a
   * server that was restored to an older state could not be distinguished from the one before.
   */
  static final String RECORD = "walstrata.postgres.record";

  /**
   * On each message of a base backup: the LSN of its versions and a word for their order, with a
   * space between them. The backup is complete where a message claims that LSN.
   */
  static final String BACKUP = "walstrata.postgres.backup";

  private PostgresHeaders() {}

  /**
   * @param postgresTimeline unsigned 32 bits
   */
  static List<Header> of(int postgresTimeline) {
    return List.of(header(TIMELINE, Integer.toUnsignedString(postgresTimeline)));
  }

  /**
   * @param postgresTimeline unsigned 32 bits
   * @param startLsn of a base backup
   * @param order see {@link io.walstrata.postgres.backup.BaseBackup#order}
   */
  static List<Header> ofBackup(int postgresTimeline, Lsn startLsn, String order) {
    return List.of(
        header(TIMELINE, Integer.toUnsignedString(postgresTimeline)),
        header(BACKUP, startLsn + " " + order));
  }

  static Header of(RecordMark mark) {
    return header(RECORD, mark.toString());
  }

  private static Header header(String name, String text) {
    byte[] value = text.getBytes(StandardCharsets.US_ASCII);
    return new Header() {
      @Override
      public String key() {
        return name;
      }

      @Override
      public byte[] value() {
        return value;
      }
    };
  }

  /** Returns the timeline number in a message's headers, unsigned 32 bits. */
  static OptionalInt timeline(Headers headers) {
    Optional<String> text = text(headers, TIMELINE);
    try {
      return text.isEmpty()
          ? OptionalInt.empty()
          : OptionalInt.of(Integer.parseUnsignedInt(text.get()));
    } catch (NumberFormatException e) {
      return OptionalInt.empty();
    }
  }

  /** Returns the mark in a message's headers. */
  static Optional<RecordMark> mark(Headers headers) {
    return text(headers, RECORD).flatMap(RecordMark::parse);
  }

  /** Returns the base backup that a message is of, without its last key. */
  static Optional<HeldBackup> backup(Headers headers) {
    Optional<String> text = text(headers, BACKUP);
    int space = text.orElse("").indexOf(' ');
    if (text.isEmpty() || space < 0) {
      return Optional.empty();
    }
    try {
      Lsn start = Lsn.parse(text.get().substring(0, space));
      String order = text.get().substring(space + 1);
      return Optional.of(new HeldBackup(start, order, Optional.empty()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> text(Headers headers, String name) {
    @Nullable Header header = headers.lastHeader(name);
    return header == null || header.value() == null
        ? Optional.empty()
        : Optional.of(new String(header.value(), StandardCharsets.US_ASCII));
  }
}
