package io.walstrata.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WalSerdeConfigTest {
  private static WalSerdeConfig config(Object... keysAndValues) {
    Map<String, Object> settings = new HashMap<>(Map.of(WalSerdeConfig.URL, "http://a:1"));
    for (int i = 0; i < keysAndValues.length; i += 2) {
      settings.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return new WalSerdeConfig(settings);
  }

  @ParameterizedTest
  @CsvSource({
    "TopicRecordNameStrategy, t-io.walstrata.schemas.WalBatch",
    "RecordNameStrategy, io.walstrata.schemas.WalBatch",
    "TopicNameStrategy, t-value",
    "io.confluent.kafka.serializers.subject.RecordNameStrategy, io.walstrata.schemas.WalBatch",
    ", t-io.walstrata.schemas.WalBatch"
  })
  void subjectNameStrategy_givesSubject(String name, String subject) {
    WalSerdeConfig config = name == null ? config() : config(WalSerdeConfig.SUBJECT_STRATEGY, name);

    assertThat(config.subjectNameStrategy().subject("t", WalMessageType.BATCH)).isEqualTo(subject);
  }

  @Test
  void subjectNameStrategy_unknown_isRefusedWithTheChoices() {
    assertThatThrownBy(() -> config(WalSerdeConfig.SUBJECT_STRATEGY, "com.example.Mine"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("value.subject.name.strategy")
        .hasMessageContaining("TopicRecordNameStrategy, RecordNameStrategy, TopicNameStrategy");
  }

  @Test
  void url_missingOrEmpty_isRefused() {
    assertThatThrownBy(() -> new WalSerdeConfig(Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("schema.registry.url");
    assertThatThrownBy(() -> config(WalSerdeConfig.URL, ""))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("schema.registry.url");
  }

  @Test
  void url_several_areSplit() {
    assertThat(config(WalSerdeConfig.URL, "http://a:1, http://b:2").urls())
        .containsExactly("http://a:1", "http://b:2");
  }

  @Test
  void backoff_longestBelowFirst_isRefused() {
    assertThatThrownBy(() -> config(WalSerdeConfig.BACKOFF_MAX_MS, 10))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("schema.registry.backoff.max.ms");
  }

  @Test
  void values_outOfRange_areRefusedWithTheirName() {
    assertThatThrownBy(() -> config(WalSerdeConfig.READ_TIMEOUT_MS, 0))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("http.read.timeout.ms");
    assertThatThrownBy(() -> config(WalSerdeConfig.AUTO_REGISTER, "maybe"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("auto.register.schemas");
  }

  @Test
  void clientSettings_areTextUnderConfluentsKeys() {
    Map<String, Object> settings =
        config(
                WalSerdeConfig.BASIC_AUTH_SOURCE,
                "USER_INFO",
                WalSerdeConfig.BASIC_AUTH_USER_INFO,
                new Password("me:secret"),
                "schema.registry.ssl.truststore.location",
                "/trust",
                "schema.registry.ssl.enabled.protocols",
                "TLSv1.3,TLSv1.2",
                "key.serializer",
                String.class)
            .clientSettings();

    assertThat(settings)
        .containsEntry("basic.auth.credentials.source", "USER_INFO")
        .containsEntry("basic.auth.user.info", "me:secret")
        .containsEntry("schema.registry.ssl.truststore.location", "/trust")
        .containsEntry("schema.registry.ssl.enabled.protocols", "TLSv1.3,TLSv1.2")
        .containsEntry("http.connect.timeout.ms", "5000")
        .doesNotContainKeys("bearer.auth.credentials.source", "proxy.host", "bearer.auth.token");
  }

  @Test
  void clientSettings_bearer_leavesBasicOut() {
    assertThat(config(WalSerdeConfig.BEARER_AUTH_SOURCE, "STATIC_TOKEN").clientSettings())
        .containsEntry("bearer.auth.credentials.source", "STATIC_TOKEN")
        .doesNotContainKey("basic.auth.credentials.source");
    assertThat(config().clientSettings()).containsEntry("basic.auth.credentials.source", "URL");
  }

  @Test
  void toString_hidesSecrets() {
    WalSerdeConfig config =
        config(
            WalSerdeConfig.BASIC_AUTH_USER_INFO,
            "me:secret",
            WalSerdeConfig.BEARER_AUTH_TOKEN,
            "t");

    assertThat(config.getPassword(WalSerdeConfig.BASIC_AUTH_USER_INFO))
        .hasToString(Password.HIDDEN);
    assertThat(config.getPassword(WalSerdeConfig.BEARER_AUTH_TOKEN)).hasToString(Password.HIDDEN);
  }

  @Test
  void configDef_everyKeyIsDocumented() {
    assertThat(WalSerdeConfig.configDef().configKeys().values())
        .allSatisfy(key -> assertThat(key.documentation).as(key.name).isNotBlank())
        .extracting((ConfigDef.ConfigKey key) -> key.name)
        .contains(
            "schema.registry.url",
            "auto.register.schemas",
            "use.latest.version",
            "value.subject.name.strategy",
            "schema.registry.ssl.truststore.password");
  }
}
