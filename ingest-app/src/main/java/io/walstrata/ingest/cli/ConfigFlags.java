package io.walstrata.ingest.cli;

import io.walstrata.ingest.config.IngestSettings;
import io.walstrata.ingest.config.SettingsFile;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * Every setting of the job as a flag of a command, {@code --name value} or {@code --name=value}.
 * Flags win over the file.
 */
final class ConfigFlags {
  private final CommandSpec command;

  private ConfigFlags(CommandSpec command) {
    this.command = command;
  }

  /**
   * Gives a command one option per setting, so that its help lists them with their documentation.
   */
  static ConfigFlags addTo(CommandSpec command) {
    ConfigFlags flags = new ConfigFlags(command);
    settings().forEach(key -> command.addOption(option(key)));
    return flags;
  }

  /** Returns the settings in the order of their documentation. */
  static List<ConfigKey> settings() {
    return IngestSettings.DEF.configKeys().values().stream()
        .sorted(
            Comparator.comparing((ConfigKey key) -> IngestSettings.GROUPS.indexOf(key.group))
                .thenComparing(key -> key.orderInGroup))
        .toList();
  }

  private static OptionSpec option(ConfigKey key) {
    String standard =
        key.hasDefault() && key.defaultValue != null ? " Default: " + key.defaultValue + "." : "";
    String needed = key.hasDefault() ? "" : " Required, here or in the file.";
    // A percent sign in a description is a format to picocli.
    String text = (key.documentation.replace("`", "") + standard + needed).replace("%", "%%");
    return OptionSpec.builder("--" + key.name)
        .paramLabel("VALUE")
        .type(String.class)
        .description(text)
        .build();
  }

  /**
   * Returns the settings: of the file, overridden by flags.
   *
   * @param file the properties file, or null for flags only
   * @param others arguments that no declared option took: pass-through settings, or a mistake
   * @throws ParameterException if there is something that is not a flag, or a flag lacks its value
   */
  Map<String, String> settings(@Nullable Path file, List<String> others) {
    Map<String, String> settings = new HashMap<>(file == null ? Map.of() : SettingsFile.read(file));
    settings().forEach(key -> putIfGiven(settings, key.name));
    putOthers(settings, others);
    return settings;
  }

  private void putIfGiven(Map<String, String> settings, String name) {
    @Nullable String value = command.findOption("--" + name).getValue();
    if (value != null) {
      settings.put(name, value);
    }
  }

  private void putOthers(Map<String, String> settings, List<String> others) {
    Set<String> given = new HashSet<>();
    for (int i = 0; i < others.size(); i++) {
      String flag = others.get(i);
      if (!flag.startsWith("--")) {
        throw wrong("not a flag: " + flag);
      }
      int equals = flag.indexOf('=');
      if (!given.add(equals < 0 ? flag : flag.substring(0, equals))) {
        throw wrong("given twice: " + (equals < 0 ? flag : flag.substring(0, equals)));
      }
      if (equals >= 0) {
        settings.put(flag.substring(2, equals), flag.substring(equals + 1));
      } else if (i + 1 < others.size() && !others.get(i + 1).startsWith("--")) {
        settings.put(flag.substring(2), others.get(++i));
      } else if (isPassThrough(flag)) {
        throw wrong("flag without a value: " + flag);
      } else {
        // The check of names reports the nearest one.
        settings.put(flag.substring(2), "");
      }
    }
  }

  private static boolean isPassThrough(String flag) {
    return flag.startsWith("--" + IngestSettings.STREAMS_PREFIX)
        || flag.startsWith("--" + IngestSettings.REGISTRY_PREFIX);
  }

  private ParameterException wrong(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
