package io.walstrata.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
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
  void byId_refusalThatQuotesTheSchemaManyTimes_isKeptBesideOthers() {
    StringBuilder entries = new StringBuilder();
    for (int i = 0; i < 1500; i++) {
      String separator = entries.isEmpty() ? "" : ",";
      entries.append(separator).append("{\"type\":\"record\",\"name\":\"n");
      entries.append(i).append(".WalBatchEntry\",\"fields\":[]}");
    }
    registry.schemas.put(1, progress());
    registry.schemas.put(
        2,
        "{\"type\":\"record\",\"name\":\"io.walstrata.schemas.WalBatch\",\"fields\":[{\"name\":\"entries\","
            + "\"type\":{\"type\":\"array\",\"items\":["
            + entries
            + "]}}]}");
    WriterSchemas schemas = schemas(Duration.ZERO, Duration.ZERO);

    for (int i = 0; i < 3; i++) {
      schemas.byId(1);
      assertThatThrownBy(() -> schemas.byId(2)).isInstanceOf(IncompatibleSchemaException.class);
    }
    assertThat(registry.asked).hasValue(2);
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

  /** A stop must not wait for what is left of a message. */
  @Test
  void close_endsTheReadingOfLongMessages() {
    String more = "{\"name\":\"more\",\"type\":{\"type\":\"array\",\"items\":\"int\"}},";
    registry.schemas.put(1, progress().replace("\"fields\":[", "\"fields\":[" + more));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    FuzzMessage.writeLong(10_000, out);
    out.writeBytes(new byte[10_000 + 1]);
    out.writeBytes(Messages.timeline().bytes());
    out.write(2);
    byte[] message = out.toByteArray();
    WriterSchemas schemas = schemas(Duration.ZERO, Duration.ZERO);
    WriterSchema schema = schemas.byId(1);
    assertThat(schema.read(message, 0, message.length)).isEqualTo(Messages.PROGRESS);

    schemas.close();

    assertThatThrownBy(() -> schema.read(message, 0, message.length))
        .isInstanceOf(ReadingStoppedException.class);
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
  void of_unknown_isWaitedForOnce() {
    WriterSchemas schemas = schemas(Duration.ZERO, Duration.ZERO);
    Duration patience = Duration.ofMillis(120);
    assertThatThrownBy(() -> schemas.of(framed(1), patience))
        .isInstanceOf(UnknownSchemaIdException.class);
    int asked = registry.asked.get();
    assertThat(asked).isGreaterThan(2);

    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> schemas.of(framed(1), patience))
          .isInstanceOf(UnknownSchemaIdException.class);
    }
    assertThat(registry.asked).as("asked once each, without waiting").hasValue(asked + 3);
  }

  @Test
  void of_manyUnknown_areWaitedForNoLongerThanIsSetForAll() {
    AtomicLong waitedNanos = new AtomicLong();
    // The clock of the budget: each call of it is a second.
    WaitBudget budget =
        new WaitBudget(
            Duration.ofSeconds(4), () -> waitedNanos.addAndGet(Duration.ofSeconds(1).toNanos()));
    WriterSchemas schemas =
        new WriterSchemas(
            registry, retry, Duration.ZERO, budget, new UnknownIds(Duration.ofHours(1)));

    for (int id = 1; id <= 1000; id++) {
      int unknown = id;
      assertThatThrownBy(() -> schemas.of(framed(unknown), Duration.ofHours(1)))
          .isInstanceOf(UnknownSchemaIdException.class);
    }
    // One question for each, and the few that the budget allows.
    assertThat(registry.asked).hasValueLessThan(1000 + 200);
  }

  @Test
  void of_negativeId_isUnknownUnasked() {
    WriterSchemas schemas = schemas(Duration.ZERO, Duration.ZERO);

    assertThatThrownBy(() -> schemas.of(framed(-7), Duration.ofHours(1)))
        .isInstanceOf(UnknownSchemaIdException.class)
        .hasMessageContaining("schemaId=-7");
    assertThat(registry.asked).hasValue(0);
  }

  /** Threads add to exceptions and read their traces: each must get one of its own. */
  @Test
  void byId_keptFailures_areNewExceptionsEachTime() {
    registry.schemas.put(1, "\"string\"");
    registry.schemas.put(2, progress().replace("\"long\"", "\"string\""));
    WriterSchemas schemas = schemas(Duration.ZERO, Duration.ofHours(1));
    for (int id = 1; id <= 3; id++) {
      int each = id;
      Throwable first = catchThrowable(() -> schemas.byId(each));
      Throwable second = catchThrowable(() -> schemas.byId(each));
      Throwable third = catchThrowable(() -> schemas.byId(each));

      assertThat(second).isNotSameAs(first).hasSameClassAs(first).hasMessage(first.getMessage());
      assertThat(third).isNotSameAs(second);
    }
    assertThat(registry.asked).hasValue(3);
  }

  @Test
  void byId_manySchemas_areNotAllKept() {
    int most = SchemaCache.MOST;
    WriterSchemas schemas = schemas(Duration.ZERO, Duration.ZERO);
    for (int id = 0; id <= most; id++) {
      registry.schemas.put(id, progress());
      assertThat(schemas.byId(id).isCurrent()).isTrue();
    }
    assertThat(registry.asked).hasValue(most + 1);
    schemas.byId(most);
    assertThat(registry.asked).as("the newest is there").hasValue(most + 1);
    schemas.byId(0);
    assertThat(registry.asked).as("the oldest is not").hasValue(most + 2);
  }

  @Test
  void byId_longSchemas_areKeptUpToALength() {
    String longest = progress().replace("\"fields\"", "\"doc\":\"\",\"fields\"");
    longest =
        longest.replace(
            "\"doc\":\"\",\"fields\"",
            "\"doc\":\"" + "x".repeat(WriterSchema.MAX_CHARS - longest.length()) + "\",\"fields\"");
    SchemaCache cache = new SchemaCache();
    for (int id = 0; id < 20; id++) {
      RegisteredSchema registered = new RegisteredSchema(id, "AVRO", longest, List.of());
      cache.add(registered, WriterSchema.of(registered));
    }

    assertThat(cache.size()).isEqualTo((int) (SchemaCache.MOST_CHARS / WriterSchema.MAX_CHARS));
    assertThat(cache.get(19)).isNotNull();
    assertThat(cache.get(0)).isNull();
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
