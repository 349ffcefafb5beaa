package io.walstrata.ingest.produce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.ingest.produce.ProduceException.Reason;
import java.util.HashMap;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings that are refused before anything is tried, with their names. */
class ProduceConfigTest {
  private static Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    settings.put("topic", "t");
    settings.put("bootstrap.servers", "127.0.0.1:1");
    settings.put("schema.registry.url", "http://127.0.0.1:1");
    settings.put("url", "jdbc:postgresql://127.0.0.1:1/");
    return settings;
  }

  @ParameterizedTest
  @CsvSource({
    "colour, red, name=colour",
    "topic, '', topic",
    "batch-bytes, many, batch-bytes",
    "linger-ms, -1, linger-ms",
    "start, 12, start",
    "end, now, end",
    "timeline, 12, timeline",
    "slot, Upper, slot=Upper",
    "create-slot, true, slot",
    "url, http://x, url=http://x",
    "unrepresentable, maybe, unrepresentable",
    "producer.acks, 1, producer.acks",
    "producer.enable.idempotence, false, producer.enable.idempotence",
    "producer.max.in.flight.requests.per.connection, 6, producer.max.in.flight",
    "producer.transactional.id, x, producer.transactional.id",
    "producer.colour, red, producer.colour",
    "producer.lingr.ms, 5, did you mean producer.linger.ms?",
    "producer.max.request.size, 10, producer.max.request.size",
  })
  void badSetting_isNamed(String name, String value, String said) {
    Map<String, String> settings = settings();
    settings.put(name, value);
    assertThatThrownBy(() -> PostgresProducer.start(settings))
        .asInstanceOf(InstanceOfAssertFactories.type(ProduceException.class))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.SETTINGS))
        .extracting(Throwable::getMessage, InstanceOfAssertFactories.STRING)
        .contains(said);
  }

  @Test
  void missingSettings_areAllNamed() {
    assertThatThrownBy(() -> SyntheticProducer.start(Map.of()))
        .hasMessageContainingAll("topic", "bootstrap.servers", "schema.registry.url");
  }

  @Test
  void passedOnSettings_keepTheirNames() {
    Map<String, String> settings = settings();
    settings.put("producer.security.protocol", " SSL ");
    settings.put("registry.basic.auth.user.info", "a:b");
    ProduceConfig config = ProduceConfig.of(PostgresProducer.settings(), settings);
    assertThat(config.passedOn("producer.")).containsEntry("security.protocol", "SSL");
    assertThat(config.passedOn("registry.")).containsEntry("basic.auth.user.info", "a:b");
    assertThat(config.passedOn("consumer.")).isEmpty();
  }

  @Test
  void brokerThatIsNotThere_isSaidInTime() throws Exception {
    Map<String, String> settings = settings();
    settings.remove("url");
    settings.put("start-timeout-s", "1");
    try (ProducerHandle producer = SyntheticProducer.start(settings)) {
      assertThat(producer.await(java.time.Duration.ofSeconds(20))).isTrue();
      assertThat(producer.isRunning()).isFalse();
      assertThat(producer.failure())
          .hasValueSatisfying(
              e -> {
                assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE);
                assertThat(e).hasMessageContaining("bootstrap.servers=127.0.0.1:1");
              });
    }
  }
}
