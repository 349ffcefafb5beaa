package io.walstrata.ingest.config;

import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigException;

/**
 * Reads settings from a Java properties file in UTF-8, with or without a byte order mark, with any
 * line ends.
 */
public final class SettingsFile {
  /** Settings are some kilobytes: a longer file is another one. */
  private static final int MAX_BYTES = 1 << 20;

  private SettingsFile() {}

  /**
   * Returns the settings of a file by name.
   *
   * @throws ConfigException if it is not there, cannot be read, is not a properties file, or has a
   *     setting twice
   */
  public static Map<String, String> read(Path file) {
    Once properties = new Once();
    try {
      properties.load(new StringReader(text(file)));
    } catch (NoSuchFileException e) {
      throw new ConfigException("no such configuration file: file=" + file.toAbsolutePath());
    } catch (CharacterCodingException e) {
      throw fault("the configuration is not in UTF-8", file, e);
    } catch (IOException | IllegalArgumentException e) {
      throw fault("cannot read the configuration", file, e);
    }
    if (!properties.twice.isEmpty()) {
      throw new ConfigException(
          "settings are given twice: names="
              + String.join(", ", properties.twice)
              + ", file="
              + file.toAbsolutePath());
    }
    Map<String, String> settings = new HashMap<>();
    properties
        .stringPropertyNames()
        .forEach(name -> settings.put(name, properties.getProperty(name).strip()));
    return settings;
  }

  private static ConfigException fault(String what, Path file, Exception e) {
    return new ConfigException(what + ": file=" + file.toAbsolutePath() + ", error=" + e);
  }

  private static String text(Path file) throws IOException {
    long size = Files.size(file);
    if (size > MAX_BYTES) {
      throw new IOException("too long for settings: bytes=" + size + ", atMost=" + MAX_BYTES);
    }
    String text =
        StandardCharsets.UTF_8
            .newDecoder()
            .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
            .toString();
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  /** Properties that remember what was put twice. */
  private static final class Once extends Properties {
    private static final long serialVersionUID = 1L;

    private final TreeSet<String> twice = new TreeSet<>();

    @Override
    public synchronized Object put(Object name, Object value) {
      if (containsKey(name)) {
        twice.add(String.valueOf(name));
      }
      return super.put(name, value);
    }
  }
}
