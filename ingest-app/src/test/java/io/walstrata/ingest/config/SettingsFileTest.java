package io.walstrata.ingest.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsFileTest {
  @TempDir Path directory;

  private Path file(byte[] bytes) throws Exception {
    return Files.write(directory.resolve("job.properties"), bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\uFEFF"})
  void mark_lineEnds_andUmlauts_areReadAsMeant(String mark) throws Exception {
    for (String end : new String[] {"\n", "\r\n", "\r"}) {
      String text =
          mark + "wal.topics=a,b" + end + "# größe" + end + "layers.home = /tmp/größe " + end;
      assertThat(SettingsFile.read(file(text.getBytes(StandardCharsets.UTF_8))))
          .isEqualTo(Map.of("wal.topics", "a,b", "layers.home", "/tmp/größe"));
    }
  }

  @Test
  void settingTwice_isRefusedByName() throws Exception {
    Path file = file("a=1\nb=2\na=1\nb:3\nc=4\n".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> SettingsFile.read(file))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("twice", "names=a, b,", "file=" + file);
  }

  @Test
  void otherEncoding_isSaidToBeThat() throws Exception {
    Path file = file("layers.home=/tmp/größe\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> SettingsFile.read(file))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("not in UTF-8", "file=" + file);
  }

  @Test
  void whatIsNoSettings_isRefused() throws Exception {
    Path large = file(new byte[(1 << 20) + 1]);
    assertThatThrownBy(() -> SettingsFile.read(large)).hasMessageContaining("atMost=1048576");
    assertThatThrownBy(() -> SettingsFile.read(directory)).isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> SettingsFile.read(directory.resolve("none")))
        .hasMessageContaining("no such configuration file: file=" + directory.resolve("none"));
    Path escape = file("a=\\uXYZW".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> SettingsFile.read(escape)).isInstanceOf(ConfigException.class);
  }
}
