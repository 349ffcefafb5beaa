package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.Lsn;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyDual;

/** The messages of a running physical replication. For one thread. */
final class ReplicationStream {
  private static final Instant POSTGRES_EPOCH = Instant.parse("2000-01-01T00:00:00Z");
  private static final int WAL_HEADER = 1 + 8 + 8 + 8;
  private static final int STATUS_BYTES = 1 + 8 + 8 + 8 + 8 + 1;

  private final CopyDual copy;

  ReplicationStream(CopyDual copy) {
    this.copy = copy;
  }

  /**
   * One message of the server.
   *
   * @param serverLsn the end of the server's WAL
   * @param lsn of the first byte of {@code wal}
   * @param wal bytes of WAL, empty in a keepalive
   * @param replyWanted whether the server asks for a report at once
   */
  record Message(Lsn serverLsn, Lsn lsn, ByteBuffer wal, boolean replyWanted) {}

  /**
   * Returns the next message, or null if none was received. Does not wait.
   *
   * @throws SQLException if the connection broke or the server ended the stream with an error
   */
  @Nullable Message poll() throws SQLException {
    byte[] bytes = copy.readFromCopy(/* block= */ false);
    if (bytes == null) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    byte type = in.get();
    if (type == 'w' && bytes.length >= WAL_HEADER) {
      Lsn lsn = Lsn.of(in.getLong());
      Lsn server = Lsn.of(in.getLong());
      in.getLong(); // The server's clock.
      return new Message(server, lsn, in.slice(), false);
    }
    if (type == 'k' && bytes.length >= 1 + 8 + 8 + 1) {
      Lsn server = Lsn.of(in.getLong());
      in.getLong(); // The server's clock.
      return new Message(server, Lsn.INVALID, ByteBuffer.allocate(0), in.get() != 0);
    }
    throw new SQLException(
        "replication message of unknown type: type=" + (char) type + ", bytes=" + bytes.length,
        "08P01");
  }

  /** Returns false once the server has ended the stream in order: its timeline has no more WAL. */
  boolean isActive() {
    return copy.isActive();
  }

  /**
   * Reports positions.
   *
   * @param written what was received
   * @param flushed what is durable on this side; {@link Lsn#INVALID} for nothing yet
   * @param replyWanted ask the server for a keepalive
   */
  void report(Lsn written, Lsn flushed, boolean replyWanted) throws SQLException {
    ByteBuffer out = ByteBuffer.allocate(STATUS_BYTES);
    out.put((byte) 'r');
    out.putLong(written.value());
    out.putLong(flushed.value());
    out.putLong(flushed.value());
    out.putLong(ChronoUnit.MICROS.between(POSTGRES_EPOCH, Instant.now()));
    out.put((byte) (replyWanted ? 1 : 0));
    copy.writeToCopy(out.array(), 0, STATUS_BYTES);
    copy.flushCopy();
  }
}
