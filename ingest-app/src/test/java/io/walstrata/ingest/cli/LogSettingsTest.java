package io.walstrata.ingest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a wrong value gets; LauncherIT has what right ones do to a process. */
class LogSettingsTest {
  @ParameterizedTest
  @CsvSource({
    "WALSTRATA_LOG_LEVEL,inof,'off, fatal, error, warn, info, debug, trace, all'",
    "WALSTRATA_LOG_LEVEL,5,'off, fatal, error, warn, info, debug, trace, all'",
    "WALSTRATA_LOG_FORMAT,jsno,'text, json'",
    "WALSTRATA_LOG_FORMAT,'json,text','text, json'"
  })
  void unknownValue_isWrongUsage_withThoseThatAreKnown(String name, String value, String known) {
    assertThatThrownBy(() -> LogSettings.apply("get", Map.of(name, value)))
        .isInstanceOfSatisfying(
            CommandFailedException.class,
            e -> assertThat(e.exitStatus()).isEqualTo(ExitStatus.USAGE))
        .hasMessageContainingAll(name + "=" + value, known);
  }

  @ParameterizedTest
  @CsvSource({"''", "' '"})
  void emptyValue_isNone(String value) {
    LogSettings.apply("get", Map.of("WALSTRATA_LOG_LEVEL", value, "WALSTRATA_LOG_FORMAT", value));
    assertThat(LogSettings.isJson()).isFalse();
    assertThat(System.getProperty(LogSettings.LEVEL_PROPERTY)).isNull();
  }
}
