package io.walstrata.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WriterSchemasTest {
  /** A registry that can be switched off and that counts how often it is asked. */
  private static final class FakeRegistry implements SchemaRegistry {
    final Map<Integer, String> schemas = new HashMap<>();
    final AtomicInteger asked = new AtomicInteger();
    volatile boolean isAway;

    @Override
    public RegisteredSchema byId(int id) {
      asked.incrementAndGet();
      if (isAway) {
        throw new RegistryUnavailableException("away", null);
      }
      String text = schemas.get(id);
      if (text == null) {
        throw new UnknownSchemaIdException(id, "none");
      }
      return new RegisteredSchema(id, "AVRO", text, List.of());
    }

    @Override
    public int register(String subject, String schema) {
      throw new AssertionError("reading registers nothing");
    }

    @Override
    public int idOf(String subject, String schema) {
      throw new AssertionError("reading looks nothing up");
    }

    @Override
    public RegisteredSchema latest(String subject) {
      throw new AssertionError("reading looks nothing up");
    }

    @Override
    public void close() {}
  }

  private final FakeRegistry registry = new FakeRegistry();
  private final RegistryRetry retry = new RegistryRetry(Duration.ofMillis(1), Duration.ofMillis(2));

  private WriterSchemas schemas(Duration maxWait, Duration unknownKept) {
    return new WriterSchemas(registry, retry, maxWait, unknownKept);
  }

  private static String progress() {
    return WalMessageType.PROGRESS.schema().toString();
  }

  @Test
  void byId_knownSchema_asksOnce() {
    registry.schemas.put(1, progress());
    WriterSchemas schemas = schemas(Duration.ZERO, Duration.ZERO);

    WriterSchema first = schemas.byId(1);

    assertThat(schemas.byId(1)).isSameAs(first);
    assertThat(registry.asked).hasValue(1);
  }

  @Test
  void byId_schemaThatIsNotOurs_asksOnce() {
    registry.schemas.put(1, "\"string\"");
    WriterSchemas schemas = schemas(Duration.ZERO, Duration.ZERO);

    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> schemas.byId(1)).isInstanceOf(ForeignSchemaException.class);
    }
    assertThat(registry.asked).hasValue(1);
  }

  @Test
  void byId_unknown_isAskedAgainAfterAWhile() {
    WriterSchemas kept = schemas(Duration.ZERO, Duration.ofHours(1));
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> kept.byId(1)).isInstanceOf(UnknownSchemaIdException.class);
    }
    assertThat(registry.asked).hasValue(1);

    WriterSchemas notKept = schemas(Duration.ZERO, Duration.ZERO);
    assertThatThrownBy(() -> notKept.byId(1)).isInstanceOf(UnknownSchemaIdException.class);
    registry.schemas.put(1, progress());
    assertThat(notKept.byId(1).type()).isEqualTo(WalMessageType.PROGRESS);
  }

  private static byte[] framed(int id) {
    return ByteBuffer.allocate(6).put((byte) 0).putInt(id).array();
  }

  @Test
  void of_unknown_isGivenTheTimeThatTheCallerHas() throws Exception {
    WriterSchemas schemas = schemas(Duration.ZERO, Duration.ofHours(1));
    AtomicReference<WriterSchema> found = new AtomicReference<>();
    Thread reader =
        new Thread(() -> found.set(schemas.of(framed(1), Duration.ofMinutes(1))), "reader");
    reader.start();
    while (registry.asked.get() < 3) {
      Thread.sleep(1);
    }
    assertThat(found).hasValue(null);

    registry.schemas.put(1, progress());
    reader.join(10_000);

    assertThat(found.get().type()).isEqualTo(WalMessageType.PROGRESS);
    assertThat(schemas.outage()).as("it answered all the time").isEmpty();
  }

  @Test
  void of_stillUnknownWhenTheTimeIsOver_isUnknown() {
    WriterSchemas schemas = schemas(Duration.ZERO, Duration.ofHours(1));

    assertThatThrownBy(() -> schemas.of(framed(1), Duration.ofMillis(60)))
        .isInstanceOf(UnknownSchemaIdException.class);
    int asked = registry.asked.get();
    assertThat(asked).isGreaterThan(1);
    for (Duration none : List.of(Duration.ZERO, Duration.ofDays(-1))) {
      assertThatThrownBy(() -> schemas.of(framed(1), none))
          .isInstanceOf(UnknownSchemaIdException.class);
    }
    assertThat(registry.asked).as("the last verdict is kept").hasValue(asked);
  }

  @Test
  void of_closedWhileItWaits_givesNoVerdict() throws Exception {
    WriterSchemas schemas = schemas(Duration.ZERO, Duration.ofHours(1));
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread reader =
        new Thread(
            () -> thrown.set(catchThrowable(() -> schemas.of(framed(1), Duration.ofHours(1)))));
    reader.start();
    while (registry.asked.get() < 2) {
      Thread.sleep(1);
    }
    schemas.close();
    reader.join(10_000);

    assertThat(thrown.get()).isInstanceOf(RegistryUnavailableException.class);
  }

  @Test
  void byId_manyUnknown_areNotAllKept() {
    WriterSchemas schemas = schemas(Duration.ZERO, Duration.ofHours(1));
    for (int id = 0; id < 1001; id++) {
      int unknown = id;
      assertThatThrownBy(() -> schemas.byId(unknown)).isInstanceOf(UnknownSchemaIdException.class);
    }
    registry.schemas.put(0, progress());

    assertThat(schemas.byId(0).type()).isEqualTo(WalMessageType.PROGRESS);
    assertThatThrownBy(() -> schemas.byId(1000)).isInstanceOf(UnknownSchemaIdException.class);
    assertThat(registry.asked).hasValue(1002);
  }

  @Test
  void byId_registryAway_isNotKept() {
    registry.schemas.put(1, progress());
    registry.isAway = true;
    WriterSchemas schemas = schemas(Duration.ZERO, Duration.ofHours(1));

    assertThatThrownBy(() -> schemas.byId(1)).isInstanceOf(RegistryUnavailableException.class);
    assertThat(schemas.outage()).isPresent();
    registry.isAway = false;

    assertThat(schemas.byId(1).type()).isEqualTo(WalMessageType.PROGRESS);
    assertThat(schemas.outage()).isEmpty();
  }

  @Test
  void byId_registryAwayForAWhile_waits() throws Exception {
    registry.schemas.put(1, progress());
    registry.isAway = true;
    WriterSchemas schemas = schemas(RegistryRetry.FOREVER, Duration.ZERO);
    AtomicInteger seen = new AtomicInteger();
    Thread reader =
        new Thread(
            () -> {
              schemas.byId(1);
              seen.incrementAndGet();
            });
    reader.start();
    while (registry.asked.get() < 3) {
      Thread.sleep(1);
    }
    assertThat(seen).hasValue(0);

    registry.isAway = false;
    reader.join(10_000);

    assertThat(seen).hasValue(1);
  }
}
