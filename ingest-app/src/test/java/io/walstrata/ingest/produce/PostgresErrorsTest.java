package io.walstrata.ingest.produce;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.ingest.produce.ProduceException.Reason;
import io.walstrata.ingest.produce.ReplicationConnection.Address;
import io.walstrata.layerstore.page.Lsn;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresErrorsTest {
  private static final Address ADDRESS =
      new Address("jdbc:postgresql://h:1/?password=secret", null, null, "x");

  @ParameterizedTest
  @CsvSource({
    "08006, true, true", // Connection lost.
    "57P01, true, true", // Shut down.
    "57P03, true, true", // Starting up.
    "55006, true, true", // Slot in use.
    "53300, false, true", // No walsender left.
    "28000, false, false", // pg_hba.conf.
    "58P01, false, false", // Log removed.
    "42704, false, false", // No such slot.
  })
  void errors_areWorthAnotherTryOrNot(String state, boolean atStart, boolean later) {
    SQLException e = new SQLException("x", state);
    assertThat(PostgresErrors.isTransient(e, false)).isEqualTo(atStart);
    assertThat(PostgresErrors.isTransient(e, true)).isEqualTo(later);
  }

  @ParameterizedTest
  @CsvSource({
    "58P01, FAILED, needed=0/10",
    "58P01, FAILED, server=0/20",
    "58P01, FAILED, wal-files",
    "53300, FAILED, max_wal_senders",
    "28000, FAILED, pg_hba.conf",
    "55006, UNAVAILABLE, slot=s",
    "42704, FAILED, --create-slot",
    "08001, UNAVAILABLE, jdbc:postgresql://h:1/",
    "XX000, FAILED, said the server",
  })
  void message_saysWhatToDo(String state, Reason reason, String said) {
    ProduceException e =
        PostgresErrors.describe(
            new SQLException("said the server", state), ADDRESS, "s", Lsn.of(16), Lsn.of(32));
    assertThat(e.reason()).isEqualTo(reason);
    assertThat(e).hasMessageContaining(said);
    assertThat(e.getMessage()).contains("said the server").doesNotContain("secret");
  }

  @Test
  void standbyThatIsBehind_isWaitedFor() {
    SQLException e =
        new SQLException(
            "ERROR: requested starting point 0/9 is ahead of the WAL flush position of this server"
                + " 0/8",
            "XX000");
    assertThat(PostgresErrors.isTransient(e, false)).isTrue();
  }
}
