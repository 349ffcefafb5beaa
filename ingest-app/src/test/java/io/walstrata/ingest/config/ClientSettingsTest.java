package io.walstrata.ingest.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClientSettingsTest {
  private static final Set<String> NAMES = Set.of("linger.ms", "acks", "retries");

  @Test
  void known_isWhatTheClientKnows() {
    assertThat(ClientSettings.known(Map.of("acks", "all", "fetch.max.bytes", "1"), NAMES))
        .isEqualTo(Map.of("acks", "all"));
  }

  @Test
  void known_ownPrefixIsOverNone_andOthersAreLeftOut() {
    Map<String, String> settings =
        Map.of(
            "retries", "1",
            "acks", "1",
            "producer.acks", "all",
            "consumer.retries", "3",
            "producer.colour", "red");
    assertThat(ClientSettings.known(settings, "producer.", NAMES))
        .isEqualTo(Map.of("acks", "all", "retries", "1"));
  }

  @Test
  void fault_nearlyAKnownName_namesIt() {
    assertThat(ClientSettings.fault("streams.producer.linger.m", "linger.m", NAMES))
        .contains(
            "unknown setting: name=streams.producer.linger.m, did you mean"
                + " streams.producer.linger.ms?");
  }

  @Test
  void fault_knownOrForeignName_isNone() {
    assertThat(ClientSettings.fault("streams.acks", "acks", NAMES)).isEmpty();
    assertThat(ClientSettings.fault("streams.my.interceptor", "my.interceptor", NAMES)).isEmpty();
  }
}
